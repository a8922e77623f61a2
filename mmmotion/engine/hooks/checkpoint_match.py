"""Refuse weights of another architecture, which MMEngine only warns of."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop

from mmmotion.checkpoints import (
    check_arrival,
    check_sources,
    check_state_dict,
    check_unseen,
    find_weights,
    read_checkpoint,
    stages_before,
)
from mmmotion.registry import HOOKS

__all__ = ['CheckpointMatchHook']


@HOOKS.register_module()
class CheckpointMatchHook(Hook):
    """Check all weights that a run starts from, before a step is trained or a video tested.

    A checkpoint (``load_from``, ``resume``) is checked before a weight of the model is touched, the
    files of ``pretrained=`` and ``init_cfg`` once they should have arrived. No checkpoint
    of another training may have been trained on the videos that this run tests, and a resumed
    training must be as long as it was, since its schedules go on as they began.

    Raises:
        FileNotFoundError, ValueError: a file is missing, or one of these checks fails.
    """

    def __init__(self) -> None:
        self.loaded = False  # over the pretrained weights

    def before_run(self, runner) -> None:
        if runner._load_from:
            read_checkpoint(runner._load_from, name='load_from')
        if isinstance(runner._train_loop, BaseLoop):
            model = _bare_model(runner)
            check_sources(model)
            for name, _, source in stages_before(model):
                check_unseen(read_checkpoint(source, name=name), runner.cfg, name=name)

    def before_train(self, runner) -> None:
        if not self.loaded:
            check_arrival(_bare_model(runner))

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        if runner._resume:
            _check_lengths(runner.param_schedulers, checkpoint.get('param_schedulers'))
        fine_tuning = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        name = 'load_from' if fine_tuning else 'checkpoint'
        if fine_tuning:
            check_unseen(checkpoint, runner.cfg, name=name)
        weights = find_weights(checkpoint, name=name)
        check_state_dict(_bare_model(runner), weights, strict=not fine_tuning, name=name)
        self.loaded = True


def _bare_model(runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def _check_lengths(schedulers, states) -> None:
    """Refuse to resume schedules of another length, which the states would bring back."""
    if not isinstance(schedulers, list) or not isinstance(states, list):
        return
    wanted = [_find_lengths(vars(scheduler)) for scheduler in schedulers]
    saved = [_find_lengths(state) for state in states]
    if wanted != saved:
        raise ValueError(
            'resume: expected a checkpoint of the same schedules, got one of '
            f'{_describe(saved)} for {_describe(wanted)}; resume with the train_cfg.max_epochs and '
            'batches it was trained with, or start anew from it with load_from'
        )


def _find_lengths(state: dict) -> dict:
    """Return what the state of a scheduler says about its length."""
    return {key: state.get(key) for key in ('total_steps', 'T_max', 'milestones')}


def _describe(schedules: list[dict]) -> str:
    known = []
    for schedule in schedules:
        for key, value in schedule.items():
            if isinstance(value, dict):
                value = list(value)
            if value is not None:
                known.append(f'{key}={value}')
    return ', '.join(known) or 'none'
