"""Weights that fit or are refused, and are written as a whole or not at all.

MMEngine loads with ``strict=False`` and logs a warning that scrolls away: a test with a checkpoint
of another model would report the accuracy of random weights.
"""

from pathlib import Path

import torch
from mmengine.runner.checkpoint import _load_checkpoint, _load_checkpoint_to_model
from torch import Tensor, nn

from .files import whole_file

__all__ = ['check_out', 'check_state_dict', 'load_whole', 'write_checkpoint']


def load_whole(model: nn.Module, path: str, *, name: str = 'checkpoint') -> dict:
    """Fill all of ``model`` with the checkpoint at ``path``, and return what else it holds.

    Args:
        model: the model to fill.
        path: a file, or an address that MMEngine can load from.
        name: what the error calls the checkpoint.

    Raises:
        ValueError: the checkpoint is of another architecture.
    """
    checkpoint = _load_checkpoint(path, map_location='cpu')
    check_state_dict(model, checkpoint.get('state_dict', checkpoint), strict=True, name=name)
    return _load_checkpoint_to_model(model, checkpoint)


def check_out(out: str, source: str) -> None:
    """Raise ValueError if a converter would write ``out`` over the ``source`` it reads."""
    if Path(out).resolve() == Path(source).resolve():
        raise ValueError(f'OUT: expected another file than IN, got {out} for both')


def write_checkpoint(path: str, state_dict: dict[str, Tensor], meta: dict) -> None:
    """Write a checkpoint as a whole or not at all.

    Args:
        path: the file; its folder exists.
        state_dict: the weights.
        meta: what they are, in plain numbers, texts, lists and dicts.
    """
    with whole_file(path) as partial, partial.open('wb') as stream:
        torch.save(dict(meta=meta, state_dict=state_dict), stream)


def check_state_dict(
    model: nn.Module, state_dict: dict[str, Tensor], *, strict: bool, name: str = 'checkpoint'
) -> list[str]:
    """Raise ValueError unless ``state_dict`` is of ``model``'s architecture.

    Args:
        model: the model to fill.
        state_dict: the entries that came; they are left as they are.
        strict: True demands every weight in its shape (testing, resuming); False demands half of
            them (fine-tuning, where the classifier may differ).
        name: what the error calls the checkpoint.

    Returns:
        The keys of ``model`` that ``state_dict`` does not fill.
    """
    wanted = dict(model.state_dict())
    fitted = _as_loaded(model, state_dict)
    missing = [k for k, v in wanted.items() if k not in fitted or fitted[k].shape != v.shape]
    if len(missing) <= (0 if strict else len(wanted) / 2):
        return missing
    raise ValueError(
        f'{name}: expected the {len(wanted)} weights of {type(model).__name__}, got one of '
        f'another architecture that lacks {len(missing)} of them ({len(missing) / len(wanted):.0%})'
        f', the first of them {", ".join(_shapes(wanted, fitted, key) for key in missing[:3])}'
    )


def _as_loaded(model: nn.Module, state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the entries as they reach the parameters, once the modules' own hooks have run."""
    fitted = dict(state_dict)
    for name, module in model.named_modules():
        for hook in module._load_state_dict_pre_hooks.values():
            hook(fitted, f'{name}.' if name else '', {}, False, [], [], [])
    return fitted


def _shapes(wanted: dict, fitted: dict, key: str) -> str:
    got = tuple(fitted[key].shape) if key in fitted else 'nothing'
    return f'{key} (expected {tuple(wanted[key].shape)}, got {got})'
