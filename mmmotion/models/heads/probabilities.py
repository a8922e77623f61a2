"""What a person is shown of scores: probabilities, however the scores were averaged."""

from mmaction.models.heads import BaseHead
from mmaction.models.losses import BCELossWithLogits
from torch import Tensor

__all__ = ['ProbabilityHead', 'has_independent_classes', 'to_probabilities']


def has_independent_classes(head: BaseHead) -> bool:
    """Return whether a video can be of several classes: each was trained by its own sigmoid."""
    return isinstance(head.loss_cls, BCELossWithLogits)


def to_probabilities(logits: Tensor, head: BaseHead) -> Tensor:
    """Turn the logits (..., classes) of ``head`` into probabilities, by what it was trained with.

    The order of the classes stays, so no accuracy changes.
    """
    if has_independent_classes(head):
        return logits.sigmoid()
    return logits.softmax(dim=-1)


class ProbabilityHead(BaseHead):
    """A head whose results are probabilities, also where it averages logits.

    MMAction2's heads put the mean logits into ``pred_score`` with ``average_clips='score'``, and
    its demos print them as they are.

    Args:
        args: of MMAction2's ``BaseHead``.
        average_clips (str): what is averaged over the views of a video: logits, 'score', or
            probabilities, 'prob'. Without an average, MMAction2's default, no metric can be found.
        kwargs: of ``BaseHead``.
    """

    def __init__(self, *args, average_clips: str | None = 'score', **kwargs) -> None:
        super().__init__(*args, average_clips=average_clips, **kwargs)

    def predict_by_feat(self, cls_scores: Tensor, data_samples: list) -> list:
        """Return the samples, filled with the probabilities of what ``average_clip`` gives."""
        super().predict_by_feat(cls_scores, data_samples)
        if self.average_clips == 'score':
            for sample in data_samples:
                probabilities = to_probabilities(sample.pred_score, self)
                sample.set_pred_score(probabilities)
        return data_samples
