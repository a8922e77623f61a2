"""Motion in front of any backbone: PAN's PA branch and PAN_Lite (Section IV-A), and their kin."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.models.wrappers.building import adopt_bare_keys, build_backbone, is_pretrained
from mmmotion.models.wrappers.first_conv import find_first_conv, fit_first_conv, rgb_kernels
from mmmotion.registry import MODELS

__all__ = ['MotionBackbone']


@MODELS.register_module()
class MotionBackbone(BaseModule):
    """Feed the motion in a stack of frames, and if wanted its RGB, to any 2D or 3D backbone.

    The backbone's first convolution is fitted to the number of channels that come; weights trained
    on RGB, and checkpoints of the bare backbone, are fitted as they are loaded.

    Args:
        motion (dict): config of the representation: a module that maps stacks (N, m, 3, H, W) to
            maps (N, T, H, W) or (N, T, C, H, W).
        backbone (dict): config of the backbone: MMAction2's, ``mmpretrain.X``, ``timm.X``.
        clip_len (int): m, the number of frames in a stack; at least 2.
        with_rgb (bool): also feed RGB, in front of the motion: the first frame of the stack to a 2D
            backbone (eq. 10), the first T frames to a 3D one.

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
        self.pretrained = is_pretrained(backbone)
        self.motion = MODELS.build(motion)
        self.backbone = build_backbone(backbone)
        first_is_3d = isinstance(self._first_conv(), nn.Conv3d)
        self.is_3d = getattr(self.backbone, 'takes_clips', first_is_3d)
        fit_first_conv(self._first_conv(), self._count_channels(), keep_rgb=with_rgb)
        if not self.pretrained:
            # From scratch, equal kernels for all new channels would only slow the start.
            self._first_conv().reset_parameters()
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    @property
    def num_segments(self) -> int | None:
        """Segments per video that the backbone shifts among; None where it does not care."""
        return getattr(self.backbone, 'num_segments', None)

    def init_weights(self) -> None:
        """Initialise the backbone as it does itself, pretrained RGB weights included."""
        if not (self.pretrained and hasattr(self.backbone, 'init_weights')):
            super().init_weights()
            return
        with rgb_kernels(self._first_conv(), keep_rgb=self.with_rgb):
            super().init_weights()

    def represent(self, stacks: Tensor) -> Tensor:
        """Turn stacks (N, 3, m, H, W) into what the backbone sees."""
        self._check(stacks)
        frames = stacks.transpose(1, 2)
        if self.is_3d:
            return self._represent_clip(frames)
        maps = self._find_motion(frames).flatten(1, 2)
        return torch.cat([frames[:, 0], maps], dim=1) if self.with_rgb else maps

    def _represent_clip(self, frames: Tensor) -> Tensor:
        """Turn rows of stacks (N, k m, 3, H, W) into clips (N, C, k T, H, W)."""
        stacks = frames.unflatten(1, (-1, self.clip_len)).flatten(0, 1)
        maps = self._find_motion(stacks)
        parts = [stacks[:, : maps.shape[1]], maps] if self.with_rgb else [maps]
        clips = torch.cat(parts, dim=2).unflatten(0, (len(frames), -1))
        return clips.flatten(1, 2).transpose(1, 2)

    def _find_motion(self, stacks: Tensor) -> Tensor:
        maps = self.motion(stacks)
        return maps.unsqueeze(2) if maps.dim() == 4 else maps

    def forward(self, stacks: Tensor) -> Tensor | tuple[Tensor, ...]:
        features = self.backbone(self.represent(stacks))
        if isinstance(features, (tuple, list)) and len(features) == 1:
            return features[0]
        return features

    def _first_conv(self) -> nn.Module:
        return find_first_conv(self.backbone)

    def _count_channels(self) -> int:
        with torch.no_grad():
            return self.represent(torch.zeros(1, 3, self.clip_len, 8, 8)).shape[1]

    def _check(self, stacks: Tensor) -> None:
        length = stacks.shape[2] if stacks.dim() == 5 and stacks.shape[1] == 3 else 0
        whole = length > 0 and length % self.clip_len == 0
        if not whole or (length > self.clip_len and not self.is_3d):
            raise ValueError(
                f'stacks: expected (N, 3, {self.clip_len}, H, W), that is clip_len={self.clip_len} '
                f'frames of RGB in the order NCTHW, got {tuple(stacks.shape)}'
            )
