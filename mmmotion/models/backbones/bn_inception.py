"""BN-Inception: GoogLeNet with batch norm and pairs of 3x3 convolutions.

Source: Ioffe and Szegedy, Batch Normalization (2015), Fig. 5, with the channels, the biases and the
pooling of the public ImageNet weights, which TSN, ECO, OFF, DCD and PAN's Table III start from.

Deviates: a map of odd size is pooled as if a row and a column of zeros followed; the published
network cannot concatenate its branches there. Maps of even size are untouched by this.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmmotion.models.wrappers.building import init_steps
from mmmotion.models.wrappers.first_conv import fit_first_conv
from mmmotion.registry import MODELS

__all__ = ['BNInception', 'conv_unit', 'own_key']

# 1x1, (reduction, 3x3), (reduction, both 3x3 of the pair), projection of the pool, kind of pool.
# Without a 1x1 convolution a block downsamples by 2, and its max-pooling is not projected.
BLOCKS = {
    'inception_3a': (64, (64, 64), (64, 96), 32, 'avg'),
    'inception_3b': (64, (64, 96), (64, 96), 64, 'avg'),
    'inception_3c': (0, (128, 160), (64, 96), 0, 'max'),
    'inception_4a': (224, (64, 96), (96, 128), 128, 'avg'),
    'inception_4b': (192, (96, 128), (96, 128), 128, 'avg'),
    'inception_4c': (160, (128, 160), (128, 160), 128, 'avg'),
    'inception_4d': (96, (128, 192), (160, 192), 128, 'avg'),
    'inception_4e': (0, (128, 192), (192, 256), 0, 'max'),
    'inception_5a': (352, (192, 320), (160, 224), 128, 'avg'),
    'inception_5b': (352, (192, 320), (192, 224), 128, 'max'),
}
STAGES = ('conv1', 'pool1', 'conv2', 'pool2', *BLOCKS)
CLASSIFIERS = ('last_linear', 'fc', 'fc_action', 'fc_final')


def own_key(key: str) -> str | None:
    """Return our name of a weight that the public files name in one flat row.

    ``inception_3a_3x3_reduce_bn.weight`` is our ``inception_3a.3x3_reduce.bn.weight``.

    Args:
        key: a key of a state dict.

    Returns:
        Our key; None if ``key`` is none of a BN-Inception, or an ECO, in the public layout.
    """
    match = re.fullmatch(r'(conv[12]|inception_\d[a-e]|res\d[ab])_(\w+)\.(\w+)', key)
    if match is None:
        return None
    stage, layer, field = match.groups()
    if layer == 'bn':  # of a sum, in ECO
        return f'{stage}.bn.{field}'
    part = 'bn' if layer.endswith('_bn') else 'conv'
    return f'{stage}.{layer.removesuffix("_bn")}.{part}.{field}'


def conv_unit(in_channels: int, channels: int, kernel_size: int, stride: int = 1) -> nn.Sequential:
    """Return a 2D convolution with bias, batch norm and ReLU; (N, C, H, W) to (N, C', H', W')."""
    conv = nn.Conv2d(in_channels, channels, kernel_size, stride, padding=kernel_size // 2)
    return _named(conv=conv, bn=nn.BatchNorm2d(channels), relu=nn.ReLU(inplace=True))


@MODELS.register_module()
class BNInception(BaseModule):
    """BN-Inception, up to the last stage that is asked for.

    The stages are ``conv1``, ``pool1``, ``conv2``, ``pool2`` and the blocks ``inception_3a`` to
    ``inception_5b``: submodules of these names, run in this order. Later ones than needed are not
    built, so that no parameter stays without gradient.

    ``pretrained``, ``init_cfg``, ``load_from`` and ``load_state_dict`` also take checkpoints in the
    public flat layout (``inception_3a_1x1.weight``), with batch norms of shape (1, C) or (C,);
    their classifier, and the stages that this network is without, are left out. The public ImageNet
    weights expect BGR in 0..255 with mean [104, 117, 128] and std 1.

    Args:
        in_channels (int): channels of the input; weights of RGB are fitted as they are loaded.
        out_indices (Sequence[str | int]): the stages to return, by name or by place in their row.
        norm_eval (bool): keep all running statistics as they are in training.
        partial_bn (bool): freeze every batch norm but the first, as TSN does.
        pretrained (str, optional): checkpoint to start from.
        init_cfg (dict | list[dict], optional): what else to do to the He-initialised weights.

    Attributes:
        out_channels (tuple[int, ...]): channels of each output.
        out_strides (tuple[int, ...]): input pixels per pixel of each output.

    Convention:
        In: (N, in_channels, H, W). Out: one map (N, D, H / stride, W / stride), or a tuple of as
        many as there are ``out_indices``, in their order; the last stage has D=1024 and stride 32.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_indices: Sequence[str | int] = ('inception_5b',),
        norm_eval: bool = False,
        partial_bn: bool = False,
        pretrained: str | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_steps(init_cfg, pretrained))
        self.norm_eval = norm_eval
        self.out_stages = tuple(_stage_name(index) for index in out_indices)
        shapes = self._build_stages(_up_to_last(self.out_stages))
        self.out_channels = tuple(shapes[stage][0] for stage in self.out_stages)
        self.out_strides = tuple(shapes[stage][1] for stage in self.out_stages)
        if in_channels != 3:
            fit_first_conv(self, in_channels)
        if partial_bn:
            self._freeze_norms()
        self.register_load_state_dict_pre_hook(_adopt_flat_keys)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        maps = {}
        for stage in self.stages:
            x = getattr(self, stage)(x)
            if stage in self.out_stages:
                maps[stage] = x
        if len(self.out_stages) == 1:
            return x
        return tuple(maps[stage] for stage in self.out_stages)

    def train(self, mode: bool = True) -> 'BNInception':
        """Keep the statistics of frozen batch norms in training, too."""
        super().train(mode)
        for norm in self._norms(_BatchNorm):
            if self.norm_eval or not norm.weight.requires_grad:
                norm.eval()
        return self

    def _build_stages(self, stages: tuple[str, ...]) -> dict[str, tuple[int, int]]:
        """Build the stages; return the channels and the stride of each."""
        self.stages = stages
        shapes, channels, stride = {}, 3, 1
        for stage in stages:
            module, channels, step = _build_stage(stage, channels)
            self.add_module(stage, module)
            stride *= step
            shapes[stage] = channels, stride
        return shapes

    def _freeze_norms(self) -> None:
        _, *others = self._norms(nn.BatchNorm2d)
        for norm in others:
            norm.requires_grad_(False)

    def _norms(self, kind: type) -> Iterator[nn.Module]:
        return (module for module in self.modules() if isinstance(module, kind))


class _Inception(nn.Module):
    """A row of ``BLOCKS``: branches on one map, their outputs concatenated."""

    def __init__(
        self,
        in_channels: int,
        single: int,
        triple: tuple[int, int],
        double: tuple[int, int],
        projected: int,
        pool: str,
    ) -> None:
        super().__init__()
        self.stride = 1 if single else 2
        self.branches = []
        if single:
            self._add_branch(('1x1', conv_unit(in_channels, single, 1)))
        self._add_branch(
            ('3x3_reduce', conv_unit(in_channels, triple[0], 1)),
            ('3x3', conv_unit(*triple, 3, self.stride)),
        )
        self._add_branch(
            ('double_3x3_reduce', conv_unit(in_channels, double[0], 1)),
            ('double_3x3_1', conv_unit(*double, 3)),
            ('double_3x3_2', conv_unit(double[1], double[1], 3, self.stride)),
        )
        projection = [('pool_proj', conv_unit(in_channels, projected, 1))] if projected else []
        self._add_branch(('pool', _build_pool(pool, self.stride)), *projection)
        self.out_channels = single + triple[1] + double[1] + (projected or in_channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self._run(branch, x) for branch in self.branches], dim=1)

    def _add_branch(self, *layers: tuple[str, nn.Module]) -> None:
        for name, layer in layers:
            self.add_module(name, layer)
        self.branches.append([name for name, _ in layers])

    def _run(self, branch: list[str], x: Tensor) -> Tensor:
        for name in branch:
            x = getattr(self, name)(x)
        return x


def _build_stage(stage: str, in_channels: int) -> tuple[nn.Module, int, int]:
    """Return a stage, its channels and its stride."""
    if stage in BLOCKS:
        block = _Inception(in_channels, *BLOCKS[stage])
        return block, block.out_channels, block.stride
    if stage == 'conv1':
        return _named(**{'7x7_s2': conv_unit(in_channels, 64, 7, stride=2)}), 64, 2
    if stage == 'conv2':
        layers = {'3x3_reduce': conv_unit(in_channels, 64, 1), '3x3': conv_unit(64, 192, 3)}
        return _named(**layers), 192, 1
    return nn.MaxPool2d(3, stride=2, ceil_mode=True), in_channels, 2


def _build_pool(kind: str, stride: int) -> nn.Module:
    if kind == 'avg':
        return nn.AvgPool2d(3, stride=1, padding=1)
    if stride == 1:
        return nn.MaxPool2d(3, stride=1, padding=1)
    # What it sees has passed a ReLU, so zeros are never the maximum; with them odd sizes are
    # downsampled as the convolutions do it, rounded up.
    return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(3, stride=2, ceil_mode=True))


def _named(**layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(layers))


def _stage_name(index: str | int) -> str:
    if index in STAGES:
        return index
    if isinstance(index, int) and -len(STAGES) <= index < len(STAGES):
        return STAGES[index]
    raise ValueError(
        f'out_indices: expected stages among {", ".join(STAGES)}, or their places '
        f'0..{len(STAGES) - 1}, got {index!r}'
    )


def _up_to_last(stages: tuple[str, ...]) -> tuple[str, ...]:
    if not stages:
        raise ValueError('out_indices: expected at least one stage, got none')
    return STAGES[: max(map(STAGES.index, stages)) + 1]


def _adopt_flat_keys(module: BNInception, state_dict: dict, prefix: str, *_: object) -> None:
    """Rename a checkpoint of the public layout; leave out what the network is without."""
    known = module.state_dict().keys()
    for key in [key for key in state_dict if key.startswith(prefix)]:
        flat = key.removeprefix(prefix)
        own = own_key(flat)
        if own is None and flat.split('.')[0] not in CLASSIFIERS:
            continue
        value = state_dict.pop(key)
        if own not in known:
            continue
        if '.bn.' in own and value.dim() == 2:  # (1, C) in the oldest files
            value = value[0]
        state_dict[prefix + own] = value
