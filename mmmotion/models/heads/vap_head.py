"""PAN's head: Various-timescale Aggregation Pooling, then one linear layer (Section IV-B)."""

from mmengine.model.weight_init import normal_init
from torch import Tensor, nn

from mmmotion.models.heads.probabilities import ProbabilityHead
from mmmotion.ops import TimescaleAggregation, TimescaleAverage
from mmmotion.registry import MODELS

__all__ = ['VAPHead']


@MODELS.register_module()
class VAPHead(ProbabilityHead):
    """Classify a video from the features of its segments, pooled at various timescales.

    Args:
        num_classes (int): number of classes.
        in_channels (int): D, the channels of a segment's feature.
        num_segments (int): N, the segments per clip. VAP wants one it can cut into timescales.
        expansion (int): alpha of eq. 13, the hidden channels of the weight perception, as a
            multiple of its input's.
        aggregation (str): ``'vap'``, or what Table IV compares it with: ``'vip'``, timescales with
            preset weights, or ``'avg'``, the average over the segments.
        dropout_ratio (float): dropout before the linear layer, in [0, 1).
        init_std (float): standard deviation of the linear layer's initial weights.
        kwargs: of MMAction2's ``BaseHead``: ``loss_cls``, ``label_smooth_eps``, ``topk``,
            ``average_clips``.

    Convention:
        In: (B * views * N, D, H, W), segments of a view in order of time. Out: (B * views, classes)
        logits; ``average_clips`` says how the views of a video are averaged. ``pred_score`` of a
        result holds probabilities.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        num_segments: int = 8,
        expansion: int = 4,
        aggregation: str = 'vap',
        dropout_ratio: float = 0.5,
        init_std: float = 0.001,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.num_segments = num_segments
        self.init_std = init_std
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.aggregation = _build_aggregation(aggregation, num_segments, expansion)
        self.dropout = nn.Dropout(dropout_ratio)
        self.fc_cls = nn.Linear(in_channels, num_classes)

    def init_weights(self) -> None:
        """Initialise the linear layer; the weight perception keeps PyTorch's default."""
        normal_init(self.fc_cls, std=self.init_std)

    def forward(self, x: Tensor, num_segs: int, **kwargs) -> Tensor:
        if num_segs % self.num_segments:
            raise ValueError(
                f"num_segments: expected a multiple of the head's {self.num_segments} segments "
                f'per video, got {num_segs} from the pipeline'
            )
        features = self.avg_pool(x).flatten(1).unflatten(0, (-1, self.num_segments))
        return self.fc_cls(self.dropout(self.aggregation(features)))


def _build_aggregation(kind: str, num_segments: int, expansion: int) -> nn.Module:
    if kind == 'vap':
        return TimescaleAggregation(num_segments, expansion=expansion)
    if kind == 'vip':
        return TimescaleAverage(num_segments)
    if kind == 'avg':
        return TimescaleAverage(num_segments, timescales=(num_segments,))
    raise ValueError(f"aggregation: expected 'vap', 'vip' or 'avg', got {kind!r}")
