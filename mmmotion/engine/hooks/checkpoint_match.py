"""Refuse weights of another architecture, which MMEngine only warns of."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop

from mmmotion.pretrained import check_arrival, check_sources
from mmmotion.registry import HOOKS
from mmmotion.weights import check_state_dict

__all__ = ['CheckpointMatchHook']


@HOOKS.register_module()
class CheckpointMatchHook(Hook):
    """Check all weights that a run starts from, before a step is trained or a video tested.

    A checkpoint (``load_from``, ``resume``) is checked before a weight of the model is touched, the
    files of ``pretrained=`` and ``init_cfg`` once they should have arrived.
    """

    def __init__(self) -> None:
        self.loaded = False  # over the pretrained weights

    def before_run(self, runner) -> None:
        if isinstance(runner._train_loop, BaseLoop):
            check_sources(_bare_model(runner))

    def before_train(self, runner) -> None:
        if not self.loaded:
            check_arrival(_bare_model(runner))

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        state_dict = checkpoint.get('state_dict', checkpoint)
        state_dict = {key.removeprefix('module.'): value for key, value in state_dict.items()}
        fine_tuning = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        left_out = check_state_dict(_bare_model(runner), state_dict, strict=not fine_tuning)
        if left_out:
            runner.logger.info(
                f'The checkpoint fills all but {len(left_out)} weights, which stay as initialised: '
                + ', '.join(left_out)
            )
        self.loaded = True


def _bare_model(runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
