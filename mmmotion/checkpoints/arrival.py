"""Whether pretrained weights arrived: what ``pretrained=`` and ``init_cfg`` ask for is checked.

There are many ways on which a file's weights reach a network: MMEngine's ``PretrainedInit``,
MMAction2's ResNets that copy tensor by tensor, 2D kernels inflated to 3D, first convolutions fitted
to other inputs. Each of them only warns, or says nothing at all, where a name or a shape differs,
and leaves a random network. So the network is compared with the file by value, whatever the way.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from mmmotion.checkpoints.files import find_weights, read_checkpoint
from mmmotion.checkpoints.fit import LEAST_SHARE

__all__ = ['check_arrival', 'check_sources', 'find_arrived', 'pretrained_networks', 'stages_before']


def pretrained_networks(model: nn.Module) -> Iterator[tuple[str, nn.Module, str]]:
    """Yield name, module and file of every network within ``model`` that asks for a file."""
    for name, module in model.named_modules():
        pretrained = getattr(module, 'pretrained', None)
        if isinstance(pretrained, str):
            yield name, module, pretrained
        steps = getattr(module, 'init_cfg', None) or []
        if isinstance(steps, dict):
            steps = [steps]
        for step in steps:
            if step.get('type') == 'Pretrained' and step['checkpoint'] != pretrained:
                yield name, module, step['checkpoint']


def stages_before(model: nn.Module) -> Iterator[tuple[str, nn.Module, str]]:
    """Yield name, module and file of the trainings that parts of ``model`` start from."""
    for name, module in model.named_modules():
        if hasattr(module, 'stages_before'):  # one of our recognisers
            prefix = f'model.{name}.' if name else 'model.'
            for option, part, source in module.stages_before():
                yield prefix + option, part, source


def check_sources(model: nn.Module) -> None:
    """Check, before anything is initialised, the files that the networks of ``model`` ask for.

    Raises:
        FileNotFoundError, ValueError: one is missing, empty, cut off, or of another network: less
            than two thirds of the network's kernels have their shapes in it.
    """
    for name, network, source in pretrained_networks(model):
        _check_share(name, network, source, _find_without_place)


def check_arrival(model: nn.Module) -> None:
    """Check, once ``model`` is initialised, that its networks hold the weights of their files.

    A training before has put others in the place of those that itself started from. Without one, it
    is logged that a network is frozen as it is initialised: an ablation, or a mistake.

    Raises:
        ValueError: less than two thirds of a network's kernels come from its file.
    """
    trained: set[nn.Module] = set()
    for _, module, _ in stages_before(model):
        trained.update(module.modules())
    for name, network, source in pretrained_networks(model):
        if network not in trained:
            _check_share(name, network, source, _find_without_values)
    for name, module in model.named_modules():
        if getattr(module, 'frozen_modules', ()) and module not in trained:
            print_log(
                f'{name or "model"}.checkpoint: none is given, nor load_from, so what is frozen '
                'stays as it is initialised',
                logger='current',
                level=logging.WARNING,
            )


def find_arrived(network: nn.Module, weights: dict[str, Tensor]) -> tuple[float, list[str]]:
    """Find out which kernels of ``network`` are those of a file.

    Args:
        network: 2D or 3D, initialised.
        weights: the tensors of the file, by any names.

    Returns:
        The share of the values of its kernels that came from the file, and the names of the kernels
        that did not. In a network of 2D and 3D convolutions, such as ECO, a file without any 3D
        kernel is for the 2D ones.
    """
    return _share(network, weights, _find_without_values)


def _check_share(name: str, network: nn.Module, source: str, find: Callable) -> None:
    option = f'{name}.pretrained'
    checkpoint = read_checkpoint(source, name=option)
    weights = find_weights(checkpoint, name=option)
    share, others = _share(network, weights, find)
    if share < LEAST_SHARE:
        kind = type(network).__name__
        lacking = ', '.join(others[:3])
        raise ValueError(
            f'{option}: expected weights of a {kind}, got {source}, '
            f'which holds {share:.1%} of its kernels, but not {lacking}'
        )


@torch.no_grad()
def _share(
    network: nn.Module,
    weights: dict[str, Tensor],
    find: Callable[[dict[str, Tensor], list[Tensor]], list[str]],
) -> tuple[float, list[str]]:
    """Return the share of the kernels that ``find`` does not name, and those that it does."""
    sources = [value for value in weights.values() if value.dim() > 1]
    is_2d = all(value.dim() < 5 for value in sources)
    kernels, kernels_2d = {}, {}
    for key, value in network.named_parameters():
        if value.dim() > 1:
            kernels[key] = value
        if 1 < value.dim() < 5:
            kernels_2d[key] = value
    if is_2d and kernels_2d:
        kernels = kernels_2d
    others = find(kernels, sources)
    total = sum(value.numel() for value in kernels.values())
    missing = sum(kernels[key].numel() for key in others)
    share = 1 - missing / max(total, 1)
    return share, others


def _find_without_place(kernels: dict[str, Tensor], sources: list[Tensor]) -> list[str]:
    """Return the kernels for whose shape, but for its length in time, the file holds no tensor.

    The first convolution is left out, since it may be fitted to other inputs.
    """
    unused = Counter(_shape_in_space(value) for value in sources)
    others = []
    for key in list(kernels)[1:]:
        shape = _shape_in_space(kernels[key])
        if unused[shape] < 1:
            others.append(key)
        unused[shape] -= 1
    return others


def _find_without_values(kernels: dict[str, Tensor], sources: list[Tensor]) -> list[str]:
    """Return the kernels of whose values the file holds no tensor."""
    known = defaultdict(list)
    for source in sources:
        signature = _signature(source)
        known[signature.shape].append(signature)
    others = []
    for key, value in kernels.items():
        signature = _signature(value)
        for candidate in known[signature.shape]:
            if torch.allclose(signature, candidate, rtol=1e-3, atol=1e-7):
                break
        else:
            others.append(key)
    return others


def _shape_in_space(kernel: Tensor) -> tuple[int, ...]:
    """Return (out, in, kh, kw), without the length in time of a 3D kernel."""
    channels = kernel.shape[:2]
    pixels = kernel.shape[-2:]
    return (*channels, *pixels)


def _signature(kernel: Tensor) -> Tensor:
    """Return what inflation to 3D and fitting to other inputs leave as it is.

    Inflation divides a kernel over time, so the sum over time stays; new input channels are the
    mean of those that were there, so the mean over the input channels stays.
    """
    kernel = kernel.detach().cpu()
    kernel = kernel.float()
    if kernel.dim() == 5:
        kernel = kernel.sum(dim=2)  # (out, in, kh, kw)
    return kernel.mean(dim=1)
