"""The rates of TSM's configs for models of which MMAction2's constructor misjudges a part.

MMAction2's ``TSMOptimWrapperConstructor`` takes the last layer of the model for the classifier, and
knows nothing but convolutions, linear layers and norms.
"""

from mmaction.models.heads import BaseHead
from mmengine.optim import OptimWrapper
from mmengine.utils.dl_utils.parrots_wrapper import SyncBatchNorm_, _BatchNorm, _ConvNd
from torch import nn

from mmmotion.engine.optimizers.branch_constructor import BranchOptimWrapperConstructor
from mmmotion.ops import RepresentationFlow
from mmmotion.registry import OPTIM_WRAPPER_CONSTRUCTORS

__all__ = ['TSMOptimWrapperConstructor', 'find_classifiers', 'find_misjudged']

RATES = dict(bias_lr_mult=2, bias_decay_mult=0, norm_decay_mult=0)
CLASSIFIER_RATES = dict(weight=dict(lr_mult=5), bias=dict(lr_mult=10, decay_mult=0))
FLOW_RATES = dict(lr_mult=0.01, decay_mult=0)  # Representation Flow, appendix A


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class TSMOptimWrapperConstructor(BranchOptimWrapperConstructor):
    """MMAction2's constructor of this name, for every branch and every module.

    Biases have twice the learning rate and no weight decay, norms no weight decay. With ``fc_lr5``
    the classifiers of all heads have 5 times the rate, and their biases 10 times. The constants and
    kernels of a ``RepresentationFlow`` have a hundredth of it and no weight decay.

    Args:
        optim_wrapper_cfg (dict): as of any constructor.
        paramwise_cfg (dict, optional): ``fc_lr5`` (bool), False by default, and all that
            ``DefaultOptimWrapperConstructor`` takes, which takes precedence over the above:
            ``custom_keys={'motion.conv.weight': dict(lr_mult=5)}``.

    Convention:
        Groups know their branch, as ``BranchOptimWrapperConstructor`` says.

    Raises:
        ValueError: with ``fc_lr5``, given a model without a head that ends in a linear layer.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        options = dict(RATES, custom_keys={})
        options.update(paramwise_cfg or {})
        self.fc_lr5 = options.pop('fc_lr5', False)
        self.given_keys = options['custom_keys']
        super().__init__(optim_wrapper_cfg, options)

    def __call__(self, model: nn.Module) -> OptimWrapper:
        bare_model = getattr(model, 'module', model)  # of a parallel wrapper
        custom_keys = dict(self.given_keys)
        for name, rates in self._find_rates(bare_model).items():
            # MMEngine prefers the longest key, and these are whole names.
            is_given = any(key in name for key in self.given_keys)
            if not is_given:
                custom_keys[name] = rates
        self.paramwise_cfg['custom_keys'] = custom_keys
        return super().__call__(model)

    def _find_rates(self, model: nn.Module) -> dict[str, dict]:
        """Return by name the rates of parameters that do not follow from the kind of layer."""
        rates = {}
        for name, module in model.named_modules():
            if isinstance(module, RepresentationFlow):
                for key, _ in module.named_parameters():
                    rates[f'{name}.{key}'] = FLOW_RATES
        if not self.fc_lr5:
            return rates
        classifiers = find_classifiers(model)
        if not classifiers:
            raise ValueError(
                'fc_lr5: expected a model with a head that ends in a linear layer, '
                f'got {type(model).__name__}'
            )
        for name in classifiers:
            for key, value in CLASSIFIER_RATES.items():
                rates[f'{name}.{key}'] = value
        return rates


def find_classifiers(model: nn.Module) -> dict[str, nn.Linear]:
    """Return the layers of ``model`` that give the scores of a head, by name.

    That is a head's last linear layer, as in MMAction2's constructor, or its ``classifiers``, if it
    has several.
    """
    classifiers = set()
    for head in model.modules():
        if not isinstance(head, BaseHead):
            continue
        if hasattr(head, 'classifiers'):
            classifiers.update(head.classifiers)
        else:
            linear = [module for module in head.modules() if isinstance(module, nn.Linear)]
            classifiers.update(linear[-1:])
    found = {}
    for name, module in model.named_modules():
        if module in classifiers:
            found[name] = module
    return found


def find_misjudged(model: nn.Module, *, fc_lr5: bool) -> str:
    """Return what MMAction2's constructor does wrong with ``model``; '' where all is right.

    Parameters of modules it does not know are an error there if the module has no children, and
    are left out silently, so that they never train, if it has some.
    """
    known = (_ConvNd, nn.Linear, _BatchNorm, SyncBatchNorm_, nn.GroupNorm)
    last_layer = None
    for name, module in model.named_modules():
        if isinstance(module, (_ConvNd, nn.Linear)):
            last_layer = module
        own = list(module.parameters(recurse=False))
        if not own or isinstance(module, known):
            continue
        trains = any(parameter.requires_grad for parameter in own)
        is_leaf = not list(module.children())
        if trains or is_leaf:
            return f'has no rate for {name} ({type(module).__name__})'
    if fc_lr5:
        for name, layer in find_classifiers(model).items():
            if layer is not last_layer:
                return f'takes {name} for a hidden layer'
    return ''
