"""Registries of mmmotion, children of MMEngine's, with scope ``mmmotion``.

``type='mmmotion.VAPHead'`` resolves from every OpenMMLab registry, whatever the default scope:
looking a name of this scope up imports this module, and the first look-up imports ``locations``.
"""

from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import Registry

__all__ = ['DATASETS', 'HOOKS', 'MODELS', 'OPTIM_WRAPPERS', 'TRANSFORMS']


def _child(parent: Registry, location: str) -> Registry:
    return Registry(parent.name, parent=parent, scope='mmmotion', locations=[location])


MODELS = _child(MMENGINE_MODELS, 'mmmotion.models')
DATASETS = _child(MMENGINE_DATASETS, 'mmmotion.datasets')
TRANSFORMS = _child(MMENGINE_TRANSFORMS, 'mmmotion.datasets')
HOOKS = _child(MMENGINE_HOOKS, 'mmmotion.engine')
OPTIM_WRAPPERS = _child(MMENGINE_OPTIM_WRAPPERS, 'mmmotion.engine')
