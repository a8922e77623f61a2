"""One recogniser of a model: itself, or a branch of a recogniser of branches."""

from torch import Tensor, nn

__all__ = ['pick_recognizer', 'score_views']


def pick_recognizer(model: nn.Module, branch: str | None = None) -> nn.Module:
    """Return the recogniser with a backbone and a head that is meant.

    Args:
        model: any recogniser.
        branch: which of its branches, if it is a ``BranchRecognizer``; else None.

    Raises:
        ValueError: there is no such branch, or none is named though there are several.
    """
    branches = getattr(model, 'branches', {})
    if not branches and not branch:
        return model
    if branch not in branches:
        expected = f'one of {", ".join(branches)}' if branches else 'none, as the model has none'
        raise ValueError(f'branch: expected {expected}, got {branch or "none"}')
    return branches[branch]


def score_views(model: nn.Module, inputs: Tensor, branch: str | None = None) -> Tensor:
    """Return the logits of every view, with gradients.

    Args:
        model: any recogniser, or a ``BranchRecognizer``.
        inputs: (B, N, ...), what its data preprocessor gives.
        branch: as of :func:`pick_recognizer`; it sees the clips through its own view.

    Returns:
        (B * views, classes), not averaged over the views.
    """
    recognizer = pick_recognizer(model, branch)
    views = getattr(model, 'views', {})
    features, kwargs = recognizer.extract_feat(views[branch](inputs) if branch in views else inputs)
    return recognizer.cls_head(features, **kwargs)
