"""Branches trained for different lengths in one run (PAN, p. 7: 50 and 80 epochs)."""

from collections.abc import Collection
from statistics import mode

from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from mmengine.model import is_model_wrapper

from mmmotion.registry import HOOKS

__all__ = ['BranchScheduleHook']


@HOOKS.register_module()
class BranchScheduleHook(Hook):
    """Let a branch rest once its schedule has ended, and log the rate of each branch.

    A branch rests from the epoch on by which all its schedulers (``BranchMultiStepLR(branch='rgb',
    end=50)``) have ended; one without any trains to the end. A stem trains on by the gradients of
    the branches that are left, at the rate of its own schedule, ``branch=None``. Logged as
    ``<branch>.lr`` is the rate of most of its parameter groups. Models and optimizers without
    branches are left alone.
    """

    def before_train_epoch(self, runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        finished = _finished_branches(runner)
        if finished != getattr(model, 'resting', finished):
            model.rest(finished)
            runner.logger.info(f'Branches that rest from now on: {", ".join(sorted(finished))}')
            _forget(runner.message_hub, finished)

    def before_train_iter(self, runner, batch_idx: int, data_batch: dict | None = None) -> None:
        rates: dict[str, list[float]] = {}
        for group in runner.optim_wrapper.param_groups:
            if group.get('branch'):
                rates.setdefault(group['branch'], []).append(group['lr'])
        for branch, values in rates.items():
            runner.message_hub.update_scalar(f'train/{branch}.lr', mode(values))


def _finished_branches(runner) -> set[str]:
    schedulers = [s for s in runner.param_schedulers or [] if hasattr(s, 'branch')]
    done = {True: runner.epoch, False: runner.iter}
    running = {s.branch for s in schedulers if done[s.by_epoch] < s.end}
    return {s.branch for s in schedulers} - running - {None}


def _forget(message_hub: MessageHub, branches: Collection[str]) -> None:
    """Drop what was logged of these branches; else their last values would be logged for ever."""
    prefixes = tuple(f'train/{name}.' for name in (*branches, 'fused'))
    for key in [key for key in message_hub.log_scalars if key.startswith(prefixes)]:
        del message_hub.log_scalars[key]
