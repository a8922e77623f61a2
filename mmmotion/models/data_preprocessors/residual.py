"""Residual frames made where the network runs: section 3.1, equation 1.

Rethinking Motion Representation: Residual Frames with 3D ConvNets for Better Action Recognition.
"""

from mmaction.models import ActionDataPreprocessor
from mmaction.utils import SampleList
from torch import Tensor

from mmmotion.ops import residual_frames
from mmmotion.registry import MODELS

__all__ = ['ResidualDataPreprocessor']


@MODELS.register_module()
class ResidualDataPreprocessor(ActionDataPreprocessor):
    """Turn clips of T + 1 frames into T residual frames on the device, then normalise those.

    Bytes are subtracted as bytes, a quarter of the traffic that floats would be. The mean is that
    of residual frames: 0 keeps still pixels at 0.

    Args:
        mean (Sequence[float], optional): subtracted from the residual frames, per channel.
        std (Sequence[float], optional): what they are then divided by.
        signed (bool): whether to keep the sign that the paper drops.
        format_shape (str): ``'NCTHW'``, the only order in which a clip shows its frames.
        kwargs (dict): as for MMAction2's ``ActionDataPreprocessor``.

    Convention:
        In: samples (N, C, T + 1, H, W) for the N clips and crops of a video, uint8 or float. Out:
        the batch of residual frames, (B, N, C, T, H, W), float; signed, later minus earlier.
    """

    def __init__(
        self,
        mean: list[float] | None = None,
        std: list[float] | None = None,
        signed: bool = False,
        format_shape: str = 'NCTHW',
        **kwargs: object,
    ) -> None:
        if format_shape != 'NCTHW':
            raise ValueError(f"format_shape: expected 'NCTHW', got {format_shape!r}")
        super().__init__(mean=mean, std=std, format_shape=format_shape, **kwargs)
        self.signed = signed

    def preprocess(
        self, inputs: list[Tensor], data_samples: SampleList, training: bool = False
    ) -> tuple:
        # Sample by sample: residual frames are smaller to stack than frames, and upstream stacks
        # and normalises in one method.
        residuals = [self._subtract(sample) for sample in inputs]
        return super().preprocess(residuals, data_samples, training)

    def _subtract(self, sample: Tensor) -> Tensor:
        return residual_frames(sample.transpose(1, 2), signed=self.signed).transpose(1, 2)
