"""What our wrappers share, and what they ask of the network inside them.

A network maps images (N, C, H, W), or clips (N, C, T, H, W), to a map or to a tuple of maps. The
first of its 2D or 3D convolutions, in the order of definition, sees the input. It may have

- ``takes_clips`` (bool): whether it takes clips; without it, whether its first convolution is 3D;
- ``num_segments`` (int): among how many frames of a video, in a row in its batch, it shifts
  features, as TSM does;
- ``clip_len`` (int): of how many RGB frames are the stacks that it takes, as a ``MotionBackbone``;
- ``init_weights``: fills it, from a checkpoint of RGB where its config names one;
- ``backbone``: the network in it, where it is a wrapper itself.

A plugin of a network maps clips (N, T, C, H, W) to clips of the same length or shorter. It may have
``num_dropped`` (int): how many frames fewer come out. If its class takes ``in_channels``, it is
told the channels of the maps that come.
"""

from collections.abc import Callable

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.models.wrappers.building import adopt_bare_keys, build_backbone, is_pretrained
from mmmotion.models.wrappers.first_conv import find_first_conv, fit_first_conv, rgb_kernels

__all__ = ['Maps', 'Wrapper', 'check_network', 'innermost', 'map_each', 'takes_clips']

Maps = Tensor | tuple[Tensor, ...]


def check_network(network: nn.Module) -> None:
    """Check what wrappers ask of a network; see the head of this file.

    Raises:
        ValueError: it has no convolution, or one of its attributes is of another kind.
    """
    find_first_conv(network)
    for name, kind in dict(takes_clips=bool, num_segments=int, clip_len=int).items():
        value = getattr(network, name, None)
        if value is not None and not isinstance(value, kind):
            raise ValueError(
                f'backbone: expected {type(network).__name__}.{name} to be of type '
                f'{kind.__name__}, got {value!r}'
            )


def takes_clips(network: nn.Module) -> bool:
    """Say whether a network is 3D: its first convolution, unless its ``takes_clips`` says."""
    first_is_3d = isinstance(find_first_conv(network), nn.Conv3d)
    return getattr(network, 'takes_clips', first_is_3d)


def innermost(network: nn.Module) -> nn.Module:
    """Return what is left of a network when all wrappers are taken off."""
    while isinstance(inner := getattr(network, 'backbone', None), nn.Module):
        network = inner
    return network


def map_each(function: Callable[[Tensor], Tensor], maps: Maps) -> Maps:
    """Apply ``function`` to a map, or to each of a tuple."""
    return tuple(map(function, maps)) if isinstance(maps, tuple) else function(maps)


class Wrapper(BaseModule):
    """A module with a network, ``backbone``, in it.

    Checkpoints of the bare network load, weights of RGB are fitted to what it is fed with, and
    its own ``init_weights`` is called.

    A subclass calls :meth:`wrap` in its constructor, after what precedes the network in its
    checkpoints; and :meth:`fit_inputs` if the network does not see RGB.

    Attributes:
        is_3d (bool): whether the network takes clips.
        wrapped (tuple[str, ...]): names of the modules that a checkpoint of a bare network fills.
    """

    wrapped = ('backbone',)
    keep_rgb: bool | None = None  # None: the network has not been fitted to other inputs

    def wrap(self, backbone: dict) -> None:
        """Build the network.

        Args:
            backbone: its config: MMAction2's, ``mmpretrain.X``, ``timm.X``, ``torchvision.X``.

        Raises:
            ValueError: it is none that can be wrapped.
        """
        self.pretrained = is_pretrained(backbone)
        self.backbone = build_backbone(backbone)
        check_network(self.backbone)
        self.is_3d = takes_clips(self.backbone)
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    def fit_inputs(self, in_channels: int, *, keep_rgb: bool = False) -> None:
        """Fit the network to ``in_channels`` inputs; if ``keep_rgb``, the first three are RGB."""
        self.keep_rgb = keep_rgb
        fit_first_conv(self.backbone, in_channels, keep_rgb=keep_rgb, pretrained=self.pretrained)

    @property
    def num_segments(self) -> int | None:
        """Segments per video that the network shifts among; None where it does not care."""
        return getattr(self.backbone, 'num_segments', None)

    def init_weights(self) -> None:
        """Initialise the network as it does itself, pretrained RGB weights included."""
        fills_itself = self.pretrained and hasattr(self.backbone, 'init_weights')
        if not fills_itself or self.keep_rgb is None:
            super().init_weights()
            return
        with rgb_kernels(self.backbone, keep_rgb=self.keep_rgb):
            super().init_weights()

    def run(self, x: Tensor) -> Maps:
        """Return what the network makes of ``x``: its map, or a tuple of several."""
        maps = self.backbone(x)
        if isinstance(maps, Tensor):
            return maps
        return tuple(maps) if len(maps) > 1 else maps[0]
