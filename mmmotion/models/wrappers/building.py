"""Build the backbone inside a wrapper: MMAction2's, mmpretrain's, timm's or ours."""

from mmaction.registry import MODELS
from torch import Tensor, nn

__all__ = ['adopt_bare_keys', 'build_backbone', 'init_steps', 'is_pretrained']

FROM_SCRATCH = (
    dict(type='Kaiming', layer=['Conv2d', 'Conv3d'], mode='fan_out', nonlinearity='relu'),
    dict(type='Constant', layer='_BatchNorm', val=1),
)


class _TimmBackbone(nn.Module):
    """A timm network without its classifier: images (N, C, H, W) to a map (N, D, H', W')."""

    def __init__(self, name: str, **kwargs: object) -> None:
        super().__init__()
        import timm

        self.network = timm.create_model(name, num_classes=0, **kwargs)
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    def forward(self, x: Tensor) -> Tensor:
        feature = self.network.forward_features(x)
        if feature.dim() == 3:  # tokens (N, L, D) of a transformer
            return feature.mean(dim=1)[..., None, None]
        return feature


def build_backbone(cfg: dict) -> nn.Module:
    """Build ``cfg`` as MMAction2's recognisers do, whatever the default scope is.

    Args:
        cfg: config of a backbone; ``type`` may carry a scope (``mmpretrain.ResNet``,
            ``mmmotion.MotionBackbone``) or name a timm model (``timm.resnet18``).
    """
    cfg = dict(cfg)
    if str(cfg['type']).startswith('timm.'):
        return _TimmBackbone(cfg.pop('type').removeprefix('timm.'), **cfg)
    return MODELS.build(cfg)


def is_pretrained(cfg: dict) -> bool:
    """Say whether the backbone of ``cfg`` fills itself with weights trained on RGB."""
    init_cfg = cfg.get('init_cfg') or []
    steps = init_cfg if isinstance(init_cfg, (list, tuple)) else [init_cfg]
    return bool(cfg.get('pretrained')) or any(step.get('type') == 'Pretrained' for step in steps)


def init_steps(init_cfg: dict | list[dict] | None, pretrained: str | None) -> list[dict]:
    """Return the steps of initialisation: He's, what is asked for, then the checkpoint, if any."""
    steps = [init_cfg] if isinstance(init_cfg, dict) else init_cfg or []
    last = [dict(type='Pretrained', checkpoint=pretrained)] if pretrained else []
    return [*FROM_SCRATCH, *steps, *last]


def adopt_bare_keys(module: nn.Module, state_dict: dict, prefix: str, *_: object) -> None:
    """Let a wrapper start from a checkpoint of what it wraps, whose keys lack the wrapper's names.

    A hook for ``register_load_state_dict_pre_hook``. A key that is of no child of the wrapper goes
    to its network: the child ``backbone``, or ``network`` in one of timm's; in a recogniser of
    branches to each of them, and to their stem. A strict=False load would otherwise match nothing,
    and not say so.
    """
    children = [name for name, _ in module.named_children()]
    inner = [name for name in children if name in ('backbone', 'network', 'stem')]
    inner += [f'branches.{name}' for name in getattr(module, 'branches', ())]
    own = tuple(f'{prefix}{name}.' for name in children)
    bare = [key for key in state_dict if key.startswith(prefix) and not key.startswith(own)]
    for key in bare:
        value = state_dict.pop(key)
        for name in inner:
            state_dict[f'{prefix}{name}.{key.removeprefix(prefix)}'] = value


adopt_bare_keys.only_to_start = True  # not to test or resume: see check_state_dict
