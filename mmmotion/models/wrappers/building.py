"""Build a network, whoever made it: MMAction2, mmpretrain, timm, torchvision or we."""

from typing import Any

from mmaction.registry import MODELS
from torch import Tensor, nn

__all__ = ['adopt_bare_keys', 'build_backbone', 'init_steps', 'is_pretrained']

FROM_SCRATCH = (
    dict(type='Kaiming', layer=['Conv2d', 'Conv3d'], mode='fan_out', nonlinearity='relu'),
    dict(type='Constant', layer='_BatchNorm', val=1),
)
# What follows the last map in torchvision's networks.
TORCHVISION_HEADS = ('avgpool', 'fc', 'classifier', 'head', 'heads')


class _ForeignNetwork(nn.Module):
    """A network of another library, ``network``, without its classifier."""

    wrapped = ('network',)

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)


class _TimmNetwork(_ForeignNetwork):
    """A timm network: images (N, C, H, W) to maps (N, D, H', W')."""

    def forward(self, x: Tensor) -> Tensor:
        features = self.network.forward_features(x)
        if features.dim() == 3:
            # Tokens of a transformer, (N, L, D); the first of them may be no part of the image.
            patches = features[:, getattr(self.network, 'num_prefix_tokens', 0) :]
            return patches.mean(dim=1)[..., None, None]
        if getattr(self.network, 'output_fmt', 'NCHW') == 'NHWC':
            return features.permute(0, 3, 1, 2)
        return features


def build_backbone(cfg: dict) -> nn.Module:
    """Build ``cfg`` as MMAction2's recognisers do, whatever the default scope is.

    Args:
        cfg: config of a backbone; ``type`` may carry a scope (``mmpretrain.ResNet``,
            ``mmmotion.MotionBackbone``) or name a network of timm (``timm.resnet18``) or
            torchvision (``torchvision.mobilenet_v3_small``), whose classifier is left out.

    Raises:
        ValueError: torchvision's network has no maps before its classifier.
    """
    settings = dict(cfg)
    library, _, name = str(settings['type']).partition('.')
    if library == 'timm':
        import timm

        del settings['type']
        return _TimmNetwork(timm.create_model(name, num_classes=0, **settings))
    if library == 'torchvision':
        del settings['type']
        return _ForeignNetwork(_build_torchvision(name, settings))
    return MODELS.build(settings)


def is_pretrained(cfg: dict) -> bool:
    """Say whether the backbone of ``cfg`` fills itself with weights trained on RGB."""
    if cfg.get('pretrained') or cfg.get('weights'):  # the latter is torchvision's
        return True
    init_cfg = cfg.get('init_cfg') or []
    steps = [init_cfg] if isinstance(init_cfg, dict) else init_cfg
    return any(step.get('type') == 'Pretrained' for step in steps)


def init_steps(init_cfg: dict | list[dict] | None, pretrained: str | None) -> list[dict]:
    """Return the steps of initialisation: He's, what is asked for, then the checkpoint, if any."""
    steps = [*FROM_SCRATCH]
    if isinstance(init_cfg, dict):
        steps.append(init_cfg)
    elif init_cfg:
        steps.extend(init_cfg)
    if pretrained:
        steps.append(dict(type='Pretrained', checkpoint=pretrained))
    return steps


def adopt_bare_keys(module: nn.Module, state_dict: dict, prefix: str, *_: Any) -> None:
    """Let a wrapper start from a checkpoint of what it wraps, whose keys lack the wrapper's names.

    A hook for ``register_load_state_dict_pre_hook``. A key that is of no child of the wrapper goes
    to each of its ``wrapped``, the names of the networks in it. A strict=False load would otherwise
    match nothing, and not say so.
    """
    own = tuple(f'{prefix}{name}.' for name, _ in module.named_children())
    bare = [key for key in state_dict if key.startswith(prefix) and not key.startswith(own)]
    for key in bare:
        value = state_dict.pop(key)
        key_of_network = key.removeprefix(prefix)
        for name in module.wrapped:
            state_dict[f'{prefix}{name}.{key_of_network}'] = value


adopt_bare_keys.only_to_start = True  # not to test or resume: see check_state_dict


def _build_torchvision(name: str, settings: dict) -> nn.Sequential:
    """Return the children of a network up to its last map, under their names."""
    import torchvision

    network = torchvision.models.get_model(name, **settings)
    stages = nn.Sequential()
    for child_name, child in network.named_children():
        if child_name in TORCHVISION_HEADS:
            return stages
        if 'aux' in child_name.lower() or child_name == 'encoder':  # GoogLeNet, transformers
            break
        stages.add_module(child_name, child)
    raise ValueError(
        f'backbone: expected a network of torchvision with maps before its classifier, got {name}'
    )
