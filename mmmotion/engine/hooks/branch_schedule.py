"""Branches trained for different lengths in one run (PAN, p. 7: 50 and 80 epochs)."""

from collections.abc import Collection

from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from mmengine.model import is_model_wrapper

from mmmotion.registry import HOOKS

__all__ = ['BranchScheduleHook']


@HOOKS.register_module()
class BranchScheduleHook(Hook):
    """Tell a ``BranchRecognizer`` which of its branches rest, and log the rate of each branch.

    Logged as ``<branch>.lr`` is the lowest rate of its parameter groups, those that
    ``paramwise_cfg`` does not multiply.

    Args:
        epochs (dict): by the name of a branch, the number of epochs it trains. A branch without one
            trains to the end.
    """

    def __init__(self, epochs: dict[str, int]) -> None:
        self.epochs = epochs

    def before_train_epoch(self, runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        finished = {name for name, epochs in self.epochs.items() if runner.epoch >= epochs}
        if finished != model.resting:
            model.rest(finished)
            runner.logger.info(f'Branches that rest from now on: {", ".join(sorted(finished))}')
            _forget(runner.message_hub, finished)

    def before_train_iter(self, runner, batch_idx: int, data_batch: dict | None = None) -> None:
        rates: dict[str, float] = {}
        for group in runner.optim_wrapper.param_groups:
            if group.get('branch'):
                rates[group['branch']] = min(group['lr'], rates.get(group['branch'], group['lr']))
        for branch, rate in rates.items():
            runner.message_hub.update_scalar(f'train/{branch}.lr', rate)


def _forget(message_hub: MessageHub, branches: Collection[str]) -> None:
    """Drop what was logged of these branches; else their last values would be logged for ever."""
    prefixes = tuple(f'train/{name}.' for name in (*branches, 'fused'))
    for key in [key for key in message_hub.log_scalars if key.startswith(prefixes)]:
        del message_hub.log_scalars[key]
