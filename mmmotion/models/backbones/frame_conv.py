"""A 3D convolution that costs what a 2D one does where a clip is down to one frame."""

from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ['FrameConv3d']


class FrameConv3d(nn.Conv3d):
    """``Conv3d`` padded to the same length, whose taps in time see a lone frame only if they can.

    Of a clip of one frame all taps but the middle one see zeros. A ResNet-18-3D on 16 frames is
    down to one in its last stage, which has three quarters of its weights.
    """

    def forward(self, clip: Tensor) -> Tensor:
        """Map clips, (N, C, T, H, W), as ``Conv3d`` does."""
        middle = self.padding[0]
        keeps_length = self.kernel_size[0] == 2 * middle + 1
        if clip.shape[2] > 1 or not keeps_length:
            return super().forward(clip)
        frame = F.conv2d(
            clip[:, :, 0],  # (N, C, H, W)
            self.weight[:, :, middle],
            self.bias,
            stride=self.stride[1:],
            padding=self.padding[1:],
            dilation=self.dilation[1:],
            groups=self.groups,
        )
        return frame.unsqueeze(2)
