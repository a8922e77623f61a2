"""Refuse a checkpoint of another architecture, which MMEngine only warns of."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop

from mmmotion.registry import HOOKS
from mmmotion.weights import check_state_dict

__all__ = ['CheckpointMatchHook']


@HOOKS.register_module()
class CheckpointMatchHook(Hook):
    """Check every checkpoint that the runner reads, before a weight of the model is touched."""

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        state_dict = checkpoint.get('state_dict', checkpoint)
        state_dict = {key.removeprefix('module.'): value for key, value in state_dict.items()}
        fine_tuning = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        check_state_dict(model, state_dict, strict=not fine_tuning)
