"""Refuse weights of another architecture, which MMEngine only warns of."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop
from mmengine.runner.checkpoint import _load_checkpoint

from mmmotion.files import check_checkpoint
from mmmotion.pretrained import check_arrival, check_sources
from mmmotion.registry import HOOKS
from mmmotion.training_lists import check_unseen
from mmmotion.weights import check_state_dict

__all__ = ['CheckpointMatchHook']


@HOOKS.register_module()
class CheckpointMatchHook(Hook):
    """Check all weights that a run starts from, before a step is trained or a video tested.

    A checkpoint (``load_from``, ``resume``) is checked before a weight of the model is touched, the
    files of ``pretrained=`` and ``init_cfg`` once they should have arrived. No checkpoint
    of another training may have been trained on the videos that this run tests, and a resumed
    training must be as long as it was, since its schedules go on as they began.
    """

    def __init__(self) -> None:
        self.loaded = False  # over the pretrained weights

    def before_run(self, runner) -> None:
        if isinstance(runner._train_loop, BaseLoop):
            model = _bare_model(runner)
            check_sources(model)
            for name, source in _stages_before(model):
                if '://' not in source:
                    check_checkpoint(source, name=name)
                check_unseen(_load_checkpoint(source, map_location='cpu'), runner.cfg, name=name)

    def before_train(self, runner) -> None:
        if not self.loaded:
            check_arrival(_bare_model(runner))

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        state_dict = checkpoint.get('state_dict', checkpoint)
        state_dict = {key.removeprefix('module.'): value for key, value in state_dict.items()}
        if runner._resume:
            _check_lengths(runner.param_schedulers, checkpoint.get('param_schedulers'))
        fine_tuning = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        if fine_tuning:
            check_unseen(checkpoint, runner.cfg, name='load_from')
        left_out = check_state_dict(_bare_model(runner), state_dict, strict=not fine_tuning)
        if left_out:
            runner.logger.info(
                f'The checkpoint fills all but {len(left_out)} weights, which stay as initialised: '
                + ', '.join(left_out)
            )
        self.loaded = True


def _bare_model(runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def _stages_before(model):
    """Yield option and file of the trainings that parts of the model start from."""
    for name, module in model.named_modules():
        prefix = f'model.{name}.' if name else 'model.'
        if isinstance(getattr(module, 'checkpoint', None), str):
            yield f'{prefix}checkpoint', module.checkpoint
        for branch, source in (getattr(module, 'checkpoints', None) or {}).items():
            yield f'{prefix}checkpoints.{branch}', source


def _check_lengths(schedulers, states) -> None:
    """Refuse to resume schedules of another length, which the states would bring back."""
    if not isinstance(schedulers, list) or not isinstance(states, list):
        return
    lengths = ('total_steps', 'T_max', 'milestones')
    wanted = [{key: vars(s).get(key) for key in lengths} for s in schedulers]
    saved = [{key: state.get(key) for key in lengths} for state in states]
    if wanted != saved:
        raise ValueError(
            'resume: expected a checkpoint of the same schedules, got one of '
            f'{_describe(saved)} for {_describe(wanted)}; resume with the train_cfg.max_epochs and '
            'batches it was trained with, or start anew from it with load_from'
        )


def _describe(schedules: list[dict]) -> str:
    known = [
        f'{key}={list(value) if isinstance(value, dict) else value}'
        for schedule in schedules
        for key, value in schedule.items()
        if value is not None
    ]
    return ', '.join(known) or 'none'
