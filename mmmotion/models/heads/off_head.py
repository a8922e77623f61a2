"""OFF's head: a classifier for the feature network and one for each level of the OFF sub-network.

Optical Flow Guided Feature, sections 4.1 to 4.3.
"""

from collections.abc import Sequence

import torch
from mmengine.model.weight_init import normal_init
from torch import Tensor, nn

from mmmotion.models.heads.probabilities import ProbabilityHead
from mmmotion.registry import MODELS

__all__ = ['OFFHead']


@MODELS.register_module()
class OFFHead(ProbabilityHead):
    """Classify the mean feature of the feature network and of each level (eq. 8), each by itself.

    In training each score has its own loss (intermediate supervision, eq. 9). The score of a clip
    is the sum of the feature network's and of the last level's (section 4.3).

    Args:
        num_classes (int): number of classes.
        in_channels (int): of the feature network; ``OFFRecognizer`` asks it.
        level_channels (Sequence[int]): of each level; ``OFFRecognizer`` asks its neck.
        loss_weights (Sequence[float], optional): of the feature network and of each level; None is
            1 for each level, and for the feature network unless it is frozen. A score of weight 0
            has no loss.
        score_weights (Sequence[float]): of the feature network and of the last level, in the sum.
        dropout_ratio (float): before each classifier, in [0, 1).
        init_std (float): standard deviation of the classifiers' initial weights.
        kwargs: of MMAction2's ``BaseHead``: ``loss_cls``, ``label_smooth_eps``, ``topk``,
            ``average_clips``.

    Convention:
        In: the features of the feature network and of each level, (B * views, D) each. Out: the
        logits of a clip, (B * views, classes); in training the logits of the feature network and of
        each level, (B * views, 1 + levels, classes). ``pred_score`` of a result holds
        probabilities.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        level_channels: Sequence[int],
        loss_weights: Sequence[float] | None = None,
        score_weights: Sequence[float] = (1.0, 1.0),
        dropout_ratio: float = 0.8,
        init_std: float = 0.001,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.level_channels = tuple(level_channels)
        self.loss_weights = _check_loss_weights(loss_weights, len(level_channels))
        self.score_weights = tuple(score_weights)
        self.init_std = init_std
        self.dropout = nn.Dropout(dropout_ratio)
        # Under the name it has in TSN's head, so that the checkpoint of stage 1 fits.
        self.fc_cls = nn.Linear(in_channels, num_classes)
        self.fc_levels = nn.ModuleList(nn.Linear(c, num_classes) for c in level_channels)

    @property
    def classifiers(self) -> tuple[nn.Linear, ...]:
        """The layers that give the scores of the feature network and of each level."""
        return (self.fc_cls, *self.fc_levels)

    def init_weights(self) -> None:
        """Initialise the classifiers."""
        for layer in self.classifiers:
            normal_init(layer, std=self.init_std)

    def forward(self, features: Sequence[Tensor], **kwargs) -> Tensor:
        scores = []
        for classifier, feature in zip(self.classifiers, features, strict=True):
            score = classifier(self.dropout(feature))
            scores.append(score)
        scores = torch.stack(scores, dim=1)
        if self.training:
            return scores
        return self._sum(scores)

    def loss_by_feat(self, cls_scores: Tensor, data_samples: list) -> dict[str, Tensor]:
        """Return the losses and accuracies of each score that trains, and the sum's accuracy."""
        losses = {}
        for i, weight in enumerate(self.loss_weights):
            if not weight:
                continue
            name = f'level{i}' if i else 'feature'
            values = super().loss_by_feat(cls_scores[:, i], data_samples)
            for key, value in values.items():  # soft labels have no accuracies
                if 'loss' in key:
                    value = weight * value
                losses[f'{name}.{key}'] = value
        fused = self._sum(cls_scores.detach())
        values = super().loss_by_feat(fused, data_samples)
        for key, value in values.items():
            if 'acc' in key:
                losses[key] = value
        return losses

    def average_clip(self, cls_scores: Tensor, num_segs: int = 1) -> Tensor:
        """Average the scores of the views of a video: (B * views, ...) to (B, classes)."""
        if cls_scores.dim() == 3:  # those of each level, as in training
            cls_scores = self._sum(cls_scores)
        return super().average_clip(cls_scores, num_segs)

    def _sum(self, scores: Tensor) -> Tensor:
        """Turn the logits of each level, (B * views, 1 + levels, classes), into the clip's."""
        feature_weight, level_weight = self.score_weights
        return feature_weight * scores[:, 0] + level_weight * scores[:, -1]


def _check_loss_weights(weights: Sequence[float] | None, levels: int) -> list[float]:
    count = 1 + levels
    if weights is None:
        return [1.0] * count
    weights = list(weights)
    if len(weights) != count or min(weights) < 0 or not any(weights):
        raise ValueError(
            'loss_weights: expected one of at least 0, and not all 0, for the feature network and '
            f'each of the {levels} levels, got {weights}'
        )
    return weights
