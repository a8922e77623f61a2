"""Weights that fit a model, or are refused.

MMEngine loads with ``strict=False`` and logs a warning that scrolls away: a test with a checkpoint
of another model would report the accuracy of random weights.
"""

from collections.abc import Iterable, Iterator

from mmengine.logging import print_log
from mmengine.runner.checkpoint import _load_checkpoint_to_model
from torch import Tensor, nn

from mmmotion.checkpoints.files import find_weights, read_checkpoint

__all__ = ['LEAST_SHARE', 'check_state_dict', 'load_weights']

# Of the values of a network's kernels that must come from the file. Non-local blocks and temporal
# modules, which no file of images has, are up to a quarter of a network; a ResNet-50 has half of
# its kernels in common with a ResNet-34.
LEAST_SHARE = 2 / 3


def load_weights(
    model: nn.Module, path: str, *, strict: bool = True, name: str = 'checkpoint'
) -> dict:
    """Fill ``model`` with the checkpoint at ``path``, and return what else it holds.

    Args:
        model: the model to fill.
        path: a file, or an address that MMEngine can load from.
        strict: as of :func:`check_state_dict`.
        name: what the error calls the checkpoint.

    Raises:
        ValueError: the checkpoint is of another architecture.
    """
    checkpoint = read_checkpoint(path, name=name)
    weights = find_weights(checkpoint, name=name)
    check_state_dict(model, weights, strict=strict, name=name)
    return _load_checkpoint_to_model(model, checkpoint)


def check_state_dict(
    model: nn.Module, state_dict: dict[str, Tensor], *, strict: bool, name: str = 'checkpoint'
) -> list[str]:
    """Check that ``state_dict`` is of ``model``'s architecture.

    Args:
        model: the model to fill.
        state_dict: the entries that came; they are left as they are.
        strict: True demands every weight in its shape and under its name (testing, resuming); False
            demands the networks, once the checkpoint is fitted to their wrappers and inputs
            (fine-tuning, where classifier and motion may be new, but nothing that is frozen), and
            logs what was filled.
        name: what the error calls the checkpoint.

    Returns:
        The keys of ``model`` that ``state_dict`` does not fill.

    Raises:
        ValueError: it is of another architecture.
    """
    wanted = model.state_dict()
    fitted = _as_loaded(model, state_dict, strict=strict)
    missing = _find_lacking(wanted, fitted)
    if strict and missing:
        share = len(missing) / len(wanted)
        first = _describe(wanted, fitted, missing)
        raise ValueError(
            f'{name}: expected the {len(wanted)} weights of {type(model).__name__}, got one of '
            f'another architecture that lacks {len(missing)} of them ({share:.0%}), the first of '
            f'them {first}'
        )
    filled = []
    for network in _find_networks(model):
        share = _check_network(model, network, fitted, name=name)
        filled.append(f'{share:.1%} of {network or "the network"}')
    if strict:
        return missing
    _check_frozen(model, missing, name)
    message = f'{name} fills {", ".join(filled)}'
    if missing:
        keys = ', '.join(missing)
        message += f'; {len(missing)} weights stay as initialised: {keys}'
    print_log(message, logger='current')
    return missing


def _as_loaded(
    model: nn.Module, state_dict: dict[str, Tensor], *, strict: bool
) -> dict[str, Tensor]:
    """Return the entries as they reach the parameters, once the modules' own hooks have run.

    Those that fit the weights of another model, to start from them, do not run if ``strict``.
    """
    fitted = dict(state_dict)
    for name, module in model.named_modules():
        prefix = f'{name}.' if name else ''
        for hook in module._load_state_dict_pre_hooks.values():
            only_to_start = getattr(hook.hook, 'only_to_start', False)
            if strict and only_to_start:
                continue
            hook(fitted, prefix, {}, False, [], [], [])
    return fitted


def _find_lacking(wanted: dict[str, Tensor], given: dict[str, Tensor]) -> list[str]:
    """Return the keys that are wanted and not given, or not in that shape."""
    lacking = []
    for key, value in wanted.items():
        if key not in given or given[key].shape != value.shape:
            lacking.append(key)
    return lacking


def _check_network(
    model: nn.Module, network_name: str, fitted: dict[str, Tensor], *, name: str
) -> float:
    """Return the share of the kernels of a network within ``model`` that the entries fill.

    They may lack modules that a variant adds, and hold stages that the network does without; but of
    a stage that both have, a kernel without a place is another network's.

    Raises:
        ValueError: there is one, or too small a share is filled.
    """
    network = model.get_submodule(network_name)
    prefix = f'{network_name}.' if network_name else ''
    kernels = {}
    stages = set()  # prefixes of keys
    for key, value in _kernels(network.named_parameters()):
        kernels[prefix + key] = value
        stage, _, _ = key.partition('.')
        stages.add(f'{prefix}{stage}.')
    given = {}
    for key, value in _kernels(fitted.items()):
        is_in_stage = key.startswith(tuple(stages))
        if key in kernels or is_in_stage:
            given[key] = value
    lacking = _find_lacking(kernels, given)
    foreign = [key for key in given if key not in kernels]
    is_misshapen = any(key in given for key in lacking)
    total = sum(value.numel() for value in kernels.values())
    missing = sum(kernels[key].numel() for key in lacking)
    share = 1 - missing / max(total, 1)
    if share >= LEAST_SHARE and not foreign and not is_misshapen:
        return share
    got = f'{share:.1%} of them'
    if lacking:
        got += f', without {_describe(kernels, given, lacking)}'
    if foreign:
        got += f', beside {len(foreign)} of another network, such as {foreign[0]}'
    place = network_name or 'the model'
    kind = type(network).__name__
    raise ValueError(f'{name}: expected the kernels of {place}, a {kind}, got {got}')


def _check_frozen(model: nn.Module, missing: list[str], name: str) -> None:
    """Raise ValueError if a kernel is among the ``missing`` that would never be trained."""
    frozen = []
    for key, value in _kernels(model.named_parameters()):
        if not value.requires_grad and key in missing:
            frozen.append(key)
    if frozen:
        first = ', '.join(frozen[:3])
        raise ValueError(f'{name}: expected weights for all that is frozen, got none for {first}')


def _find_networks(model: nn.Module) -> list[str]:
    """Return the names of the networks within the recognisers and wrappers of ``model``."""
    innermost = []
    for name, _ in model.named_modules():  # a module comes before those inside of it
        _, _, last = name.rpartition('.')
        if last not in ('backbone', 'network'):
            continue
        if innermost and name.startswith(f'{innermost[-1]}.'):
            innermost.pop()
        innermost.append(name)
    return innermost or ['']


def _kernels(weights: Iterable[tuple[str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
    """Yield what a network computes with, without norms and embeddings of positions."""
    for key, value in weights:
        if key.endswith('weight') and value.dim() > 1:
            yield key, value


def _describe(wanted: dict[str, Tensor], fitted: dict[str, Tensor], keys: list[str]) -> str:
    """Name the first of the ``keys``, what is expected there and what came."""
    texts = []
    for key in keys[:3]:
        expected = tuple(wanted[key].shape)
        got = tuple(fitted[key].shape) if key in fitted else 'nothing'
        texts.append(f'{key} (expected {expected}, got {got})')
    return ', '.join(texts)
