"""Motion in front of any backbone: PAN's PA branch and PAN_Lite (Section IV-A), and their kin."""

import torch
from torch import Tensor

from mmmotion.models.wrappers.base import Maps, Wrapper
from mmmotion.ops.shapes import to_ncthw, to_ntchw
from mmmotion.registry import MODELS

__all__ = ['MotionBackbone']


@MODELS.register_module()
class MotionBackbone(Wrapper):
    """Feed the motion in a stack of frames, and if wanted its RGB, to any 2D or 3D backbone.

    The backbone's first convolution is fitted to the number of channels that come; weights trained
    on RGB, and checkpoints of the bare backbone, are fitted as they are loaded.

    Args:
        motion (dict): config of the representation: a module that maps stacks (N, m, 3, H, W) to
            maps (N, T, H, W) or (N, T, C, H, W).
        backbone (dict): config of the backbone, as of :meth:`Wrapper.wrap`.
        clip_len (int): m, the number of frames in a stack; at least 2.
        with_rgb (bool): also feed RGB, in front of the motion: the first frame of the stack to a 2D
            backbone (eq. 10), the first T frames to a 3D one.

    Raises:
        ValueError: ``clip_len`` is too small, or the backbone has no convolution.

    Convention:
        In: stacks (N, 3, m, H, W), MMAction2's ``NCTHW``, which its recognisers have folded
        segments into. Out: what the backbone gives. A 2D backbone sees the maps as channels in
        order of time, (N, T C, H, W); a 3D backbone sees them as a clip, (N, C, T, H, W), and may
        get several stacks in a row, (N, 3, k m, H, W), whose maps it sees one after the other.
        A backbone is 3D if its first convolution is, unless its attribute ``takes_clips`` says.
    """

    def __init__(
        self,
        motion: dict,
        backbone: dict,
        clip_len: int = 4,
        with_rgb: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if clip_len < 2:
            raise ValueError(f'clip_len: expected at least 2 frames to show motion, got {clip_len}')
        self.clip_len = clip_len
        self.with_rgb = with_rgb
        self.motion = MODELS.build(motion)
        self.wrap(backbone)
        with torch.no_grad():
            seen = self.represent(torch.zeros(1, 3, clip_len, 8, 8))
        self.fit_inputs(seen.shape[1], keep_rgb=with_rgb)

    def forward(self, stacks: Tensor) -> Maps:
        return self.run(self.represent(stacks))

    def represent(self, stacks: Tensor) -> Tensor:
        """Turn stacks (N, 3, m, H, W) into what the backbone sees."""
        self._check(stacks)
        frames = to_ntchw(stacks)  # (N, m, 3, H, W)
        if self.is_3d:
            return self._represent_clip(frames)
        maps = self._find_motion(frames).flatten(1, 2)  # (N, T C, H, W)
        return torch.cat([frames[:, 0], maps], dim=1) if self.with_rgb else maps

    def _represent_clip(self, frames: Tensor) -> Tensor:
        """Turn rows of stacks (N, k m, 3, H, W) into clips (N, C, k T, H, W)."""
        stacks = frames.unflatten(1, (-1, self.clip_len)).flatten(0, 1)  # (N k, m, 3, H, W)
        maps = self._find_motion(stacks)  # (N k, T, C, H, W)
        if self.with_rgb:
            maps = torch.cat([stacks[:, : maps.shape[1]], maps], dim=2)
        rows = maps.unflatten(0, (frames.shape[0], -1))  # (N, k, T, C, H, W)
        return to_ncthw(rows.flatten(1, 2))

    def _find_motion(self, stacks: Tensor) -> Tensor:
        """Return maps (N, T, C, H, W) of stacks (N, m, 3, H, W)."""
        maps = self.motion(stacks)
        return maps.unsqueeze(2) if maps.dim() == 4 else maps

    def _check(self, stacks: Tensor) -> None:
        length = stacks.shape[2] if stacks.dim() == 5 and stacks.shape[1] == 3 else 0
        whole = length > 0 and length % self.clip_len == 0
        if not whole or (length > self.clip_len and not self.is_3d):
            raise ValueError(
                f'stacks: expected (N, 3, {self.clip_len}, H, W), that is clip_len={self.clip_len} '
                f'frames of RGB in the order NCTHW, got {tuple(stacks.shape)}'
            )
