"""Registries of mmmotion, children of MMEngine's, with scope ``mmmotion``.

``type='mmmotion.VAPHead'`` resolves from every OpenMMLab registry, whatever the default scope:
looking a name of this scope up imports this module, and the first look-up imports ``locations``.
"""

from typing import Any

from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS as MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import PARAM_SCHEDULERS as MMENGINE_PARAM_SCHEDULERS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import DefaultScope, Registry

from mmmotion.checks import did_you_mean

__all__ = [
    'DATASETS',
    'HOOKS',
    'METRICS',
    'MODELS',
    'OPTIM_WRAPPERS',
    'OPTIM_WRAPPER_CONSTRUCTORS',
    'PARAM_SCHEDULERS',
    'TRANSFORMS',
]


class _OwnFirst(Registry):
    """A registry that knows its own and MMAction2's classes by bare name, whatever the scope.

    MMEngine's looks a bare name up in the registry of the default scope: MMAction2's once a runner
    of its has been built, none before, and MMEngine's own after a runner that names no scope. In a
    notebook ``dict(type='VAPHead', ...)`` would build only before, and a whole recogniser only
    after.
    """

    def get(self, key: str) -> type | None:
        """Look a name up; an unknown one that is close to one of ours is an error that says so."""
        found = super().get(key)
        if found is None:
            _, name = self.split_scope_key(key)
            suggestion = self.suggest(name)
            if suggestion:
                raise KeyError(
                    f'{self.scope}.{name} is not in the {self.scope}::{self.name} registry'
                    f'{suggestion}'
                )
        return found

    def suggest(self, name: str) -> str:
        """Return the end of a sentence that suggests one of our names, '' if none is close."""
        self.import_from_location()
        return did_you_mean(name, self.module_dict, prefix=f'{self.scope}.')

    def __contains__(self, key: str) -> bool:
        return super().get(key) is not None

    def __repr__(self) -> str:
        self.import_from_location()
        return super().__repr__()

    def build(self, cfg: dict, *args: Any, **kwargs: Any) -> Any:
        self.import_from_location()
        if isinstance(cfg, dict) and cfg.get('type') in self.module_dict:
            cfg = cfg.copy()
            cfg['type'] = f'{self.scope}.{cfg["type"]}'
        current = DefaultScope.get_current_instance()
        knows_nothing = current is None or current.scope_name == 'mmengine'
        with DefaultScope.overwrite_default_scope('mmaction' if knows_nothing else None):
            self._check_type(cfg)
            return super().build(cfg, *args, **kwargs)

    def _check_type(self, cfg: dict) -> None:
        """Suggest a name of ours where the scope, MMAction2's as a rule, knows none such."""
        name = cfg.get('type') if isinstance(cfg, dict) else None
        with self.switch_scope_and_registry(None) as registry:
            if isinstance(name, str) and registry.get(name) is None:
                self.get(name)


def _child(parent: Registry, location: str) -> Registry:
    return _OwnFirst(parent.name, parent=parent, scope='mmmotion', locations=[location])


MODELS = _child(MMENGINE_MODELS, 'mmmotion.models')
DATASETS = _child(MMENGINE_DATASETS, 'mmmotion.datasets')
TRANSFORMS = _child(MMENGINE_TRANSFORMS, 'mmmotion.datasets')
HOOKS = _child(MMENGINE_HOOKS, 'mmmotion.engine')
OPTIM_WRAPPERS = _child(MMENGINE_OPTIM_WRAPPERS, 'mmmotion.engine')
OPTIM_WRAPPER_CONSTRUCTORS = _child(MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS, 'mmmotion.engine')
PARAM_SCHEDULERS = _child(MMENGINE_PARAM_SCHEDULERS, 'mmmotion.engine')
METRICS = _child(MMENGINE_METRICS, 'mmmotion.evaluation')
