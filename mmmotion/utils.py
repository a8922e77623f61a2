"""What MMEngine asks of every OpenMMLab package under this name."""

import time

import mmaction.utils
from mmengine.registry import DefaultScope

__all__ = ['register_all_modules']


def register_all_modules(init_default_scope: bool = True) -> None:
    """Import MMAction2's modules, as ``mmengine.hub.get_model`` asks; ours are found by name.

    Args:
        init_default_scope: whether bare names are MMAction2's from now on, as in our configs.
    """
    mmaction.utils.register_all_modules(init_default_scope=False)
    if init_default_scope:
        # An instance is the current one by being new, so that its name is new as well.
        DefaultScope.get_instance(f'mmaction-{time.time_ns()}', scope_name='mmaction')
