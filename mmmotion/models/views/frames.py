"""What a branch sees of the clips that come: modules that take a part of them."""

from torch import Tensor, nn
from torch.nn import functional as F

from mmmotion.registry import MODELS

__all__ = ['PickFrame', 'ShrinkFrames', 'StrideFrames']


@MODELS.register_module()
class PickFrame(nn.Module):
    """Take one frame of every stack, for a branch of single frames (PAN, Section IV-A1).

    Args:
        index (int): which frame of a stack, negative from its end; the paper takes the first.

    Convention:
        In: (B, N, 3, m, H, W), MMAction2's ``NCTHW``. Out: (B, N, 3, H, W), its ``NCHW``.
    """

    def __init__(self, index: int = 0) -> None:
        super().__init__()
        self.index = index

    def forward(self, clips: Tensor) -> Tensor:
        if clips.dim() != 6 or not -clips.shape[3] <= self.index < clips.shape[3]:
            raise ValueError(
                f'clips: expected stacks (B, N, 3, m, H, W) with a frame {self.index} in each, '
                f'got {tuple(clips.shape)}'
            )
        return clips.select(3, self.index).contiguous()


@MODELS.register_module()
class StrideFrames(nn.Module):
    """Take every ``step``-th frame of a clip: of stacks in a row, the first frame of each.

    Args:
        step (int): the frames of a stack.

    Convention:
        In: (B, N, 3, k * step, H, W). Out: (B, N, 3, k, H, W).
    """

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step

    def forward(self, clips: Tensor) -> Tensor:
        if clips.dim() != 6 or clips.shape[3] % self.step:
            raise ValueError(
                f'clips: expected (B, N, 3, T, H, W) with T a multiple of {self.step}, '
                f'got {tuple(clips.shape)}'
            )
        return clips[:, :, :, :: self.step].contiguous()


@MODELS.register_module()
class ShrinkFrames(nn.Module):
    """Make frames smaller by a whole factor, for a branch that sees less than another one.

    Args:
        factor (int): of height and width; pixels are means over squares of this side.

    Convention:
        In: (B, N, 3, T, H, W). Out: (B, N, 3, T, H / factor, W / factor), rounded down.
    """

    def __init__(self, factor: int = 2) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, clips: Tensor) -> Tensor:
        if clips.dim() != 6:
            raise ValueError(f'clips: expected (B, N, 3, T, H, W), got {tuple(clips.shape)}')
        small = F.avg_pool2d(clips.flatten(0, 2), self.factor)
        return small.unflatten(0, clips.shape[:3])
