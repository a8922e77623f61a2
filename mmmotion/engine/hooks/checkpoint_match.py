"""Refuse a checkpoint of another architecture.

MMEngine loads with ``strict=False`` and logs a warning that scrolls away: a test with a checkpoint
of another model would report the accuracy of random weights.
"""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop
from torch import Tensor, nn

from mmmotion.registry import HOOKS

__all__ = ['CheckpointMatchHook', 'check_state_dict']


def check_state_dict(model: nn.Module, state_dict: dict[str, Tensor], *, strict: bool) -> None:
    """Raise ValueError unless ``state_dict`` is of ``model``'s architecture.

    Args:
        model: the model to fill.
        state_dict: the entries that came; they are left as they are.
        strict: True demands every parameter in its shape (testing, resuming); False demands half
            of them (fine-tuning, where the classifier may differ).
    """
    wanted = dict(model.state_dict())
    fitted = _as_loaded(model, state_dict)
    missing = [k for k, v in wanted.items() if k not in fitted or fitted[k].shape != v.shape]
    if len(missing) <= (0 if strict else len(wanted) / 2):
        return
    raise ValueError(
        f'checkpoint: expected the {len(wanted)} weights of {type(model).__name__}, got one of '
        f'another architecture that lacks {len(missing)} of them, such as {missing[0]} '
        f'{_shapes(wanted, fitted, missing[0])}'
    )


@HOOKS.register_module()
class CheckpointMatchHook(Hook):
    """Check every checkpoint that the runner reads, before a weight of the model is touched."""

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        state_dict = checkpoint.get('state_dict', checkpoint)
        state_dict = {key.removeprefix('module.'): value for key, value in state_dict.items()}
        fine_tuning = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        check_state_dict(model, state_dict, strict=not fine_tuning)


def _as_loaded(model: nn.Module, state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the entries as they reach the parameters, once the modules' own hooks have run."""
    fitted = dict(state_dict)
    for name, module in model.named_modules():
        for hook in module._load_state_dict_pre_hooks.values():
            hook(fitted, f'{name}.' if name else '', {}, False, [], [], [])
    return fitted


def _shapes(wanted: dict, fitted: dict, key: str) -> str:
    got = tuple(fitted[key].shape) if key in fitted else 'nothing'
    return f'(expected {tuple(wanted[key].shape)}, got {got})'
