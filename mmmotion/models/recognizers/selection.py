"""One recogniser of a model: itself, or a branch of a ``BranchRecognizer``."""

from torch import Tensor, nn

from mmmotion.models.recognizers.branch_recognizer import BranchRecognizer

__all__ = ['pick_branch', 'pick_recognizer', 'score_views']


def pick_branch(model: nn.Module, branch: str | None = None) -> str | None:
    """Return the name of the branch that is meant: of a single one, its name; without any, None.

    Raises:
        ValueError: there is no such branch, or none is named though there are several.
    """
    if not isinstance(model, BranchRecognizer):
        if branch:
            raise ValueError(f'branch: expected none, as the model has none, got {branch}')
        return None
    names = list(model.branches)
    if not branch and len(names) == 1:
        return names[0]
    if branch not in names:
        got = branch or 'none'
        raise ValueError(f'branch: expected one of {", ".join(names)}, got {got}')
    return branch


def pick_recognizer(model: nn.Module, branch: str | None = None) -> nn.Module:
    """Return the recogniser with a backbone and a head that is meant.

    Args:
        model: any recogniser.
        branch: which of its branches, if it is a ``BranchRecognizer``; can be left out if there is
            only one.

    Raises:
        ValueError: there is no such branch, or none is named though there are several.
    """
    name = pick_branch(model, branch)
    if name is None:
        return model
    return model.branches[name]


def score_views(model: nn.Module, inputs: Tensor, branch: str | None = None) -> Tensor:
    """Return the logits of every view, with gradients.

    Args:
        model: any recogniser.
        inputs: (B, N, ...), what its data preprocessor gives.
        branch: as of :func:`pick_recognizer`; it sees the clips as it does in a test.

    Returns:
        (B * views, classes), not averaged over the views.

    Raises:
        ValueError: there is no such branch, or none is named though there are several.
    """
    name = pick_branch(model, branch)
    if name is not None:
        return model.branch_logits(inputs, name)
    return model(inputs, mode='tensor', stage='head')
