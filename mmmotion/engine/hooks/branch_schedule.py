"""Branches trained for different lengths in one run (PAN, p. 7: 50 and 80 epochs)."""

from collections import defaultdict
from collections.abc import Collection
from statistics import mode

from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from mmengine.model import is_model_wrapper

from mmmotion.registry import HOOKS

__all__ = ['BranchScheduleHook']


@HOOKS.register_module()
class BranchScheduleHook(Hook):
    """Freeze a branch once its schedule has ended, and log the rate of each branch.

    A branch is frozen from the epoch on by which all its schedulers, such as
    ``BranchMultiStepLR(branch='rgb', end=50)``, have ended; one without any trains to the end. A
    stem trains on by the gradients of the branches that are left, at the rate of its own schedule,
    ``branch=None``. Logged as ``<branch>.lr`` is the rate of most of its parameter groups. Models
    and optimizers without branches are left alone.
    """

    def before_train_epoch(self, runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        finished = _finished_branches(runner)
        if hasattr(model, 'freeze') and finished != model.frozen:
            model.freeze(finished)
            runner.logger.info(
                f'Branches that are frozen from now on: {", ".join(sorted(finished))}'
            )
            _forget(runner.message_hub, finished)

    def before_train_iter(self, runner, batch_idx: int, data_batch: dict | None = None) -> None:
        rates = defaultdict(list)
        for group in runner.optim_wrapper.param_groups:
            branch = group.get('branch')
            if branch:
                rates[branch].append(group['lr'])
        for branch, values in rates.items():
            runner.message_hub.update_scalar(f'train/{branch}.lr', mode(values))


def _finished_branches(runner) -> set[str]:
    scheduled, running = set(), set()
    for scheduler in runner.param_schedulers or []:
        branch = getattr(scheduler, 'branch', None)
        if branch is None:  # of all parameters, or of those in no branch
            continue
        scheduled.add(branch)
        done = runner.epoch if scheduler.by_epoch else runner.iter
        if done < scheduler.end:
            running.add(branch)
    return scheduled - running


def _forget(message_hub: MessageHub, branches: Collection[str]) -> None:
    """Drop what was logged of these branches; else their last values would be logged for ever."""
    prefixes = tuple(f'train/{name}.' for name in (*branches, 'fused'))
    for key in list(message_hub.log_scalars):
        if key.startswith(prefixes):
            del message_hub.log_scalars[key]
