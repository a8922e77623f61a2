"""Models in the form in which they run fastest."""

import torch
from mmengine.device import get_device
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmmotion.checks import check_choice
from mmmotion.models.fast_inference import prepare_inference, use_channels_last
from mmmotion.registry import HOOKS

__all__ = ['ChannelsLastHook', 'FastInferenceHook']


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Let 2D convolutions see channels last, with the same values and keys.

    Args:
        devices (tuple): the kinds of device on which to do so. A CPU gains in float32; a GPU does
            in half precision only.
    """

    def __init__(self, devices: tuple[str, ...] = ('cpu',)) -> None:
        self.devices = devices

    def before_run(self, runner) -> None:
        if get_device() in self.devices:
            use_channels_last(runner.model)


@HOOKS.register_module()
class FastInferenceHook(Hook):
    """Test with :func:`mmmotion.models.prepare_inference`'s copy of the model.

    Args:
        dtype (str): of its backbones, 'float32' or 'bfloat16'.

    Raises:
        ValueError: ``dtype`` is another one.
    """

    def __init__(self, dtype: str = 'float32') -> None:
        check_choice('dtype', dtype, ('float32', 'bfloat16'))
        self.dtype = getattr(torch, dtype)

    def before_test(self, runner) -> None:
        if is_model_wrapper(runner.model):
            runner.model.module = prepare_inference(runner.model.module, dtype=self.dtype)
        else:
            runner.model = prepare_inference(runner.model, dtype=self.dtype)
