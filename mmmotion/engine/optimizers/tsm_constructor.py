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
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        options = dict(RATES, custom_keys={}) | dict(paramwise_cfg or {})
        self.fc_lr5 = options.pop('fc_lr5', False)
        self.given_keys = options['custom_keys']
        super().__init__(optim_wrapper_cfg, options)

    def __call__(self, model: nn.Module) -> OptimWrapper:
        custom_keys = dict(self.given_keys)
        for name, rates in self._find_rates(getattr(model, 'module', model)).items():
            # MMEngine prefers the longest key, and these are whole names.
            if not any(key in name for key in self.given_keys):
                custom_keys[name] = rates
        self.paramwise_cfg['custom_keys'] = custom_keys
        return super().__call__(model)

    def _find_rates(self, model: nn.Module) -> dict[str, dict]:
        """Return the rates of parameters, by name, that their kind of layer does not tell."""
        rates = {}
        for name, module in model.named_modules():
            if isinstance(module, RepresentationFlow):
                for key, _ in module.named_parameters():
                    rates[f'{name}.{key}'] = FLOW_RATES
        classifiers = find_classifiers(model) if self.fc_lr5 else {}
        if self.fc_lr5 and not classifiers:
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
    layers = []
    for head in model.modules():
        if isinstance(head, BaseHead):
            linear = [module for module in head.modules() if isinstance(module, nn.Linear)]
            layers += getattr(head, 'classifiers', linear[-1:])
    names = {module: name for name, module in model.named_modules()}
    return {names[layer]: layer for layer in layers}


def find_misjudged(model: nn.Module, *, fc_lr5: bool) -> str:
    """Say what MMAction2's constructor does wrong with ``model``; '' where all is right.

    Parameters of modules it does not know are an error there if the module has no children, and
    are left out silently, so that they never train, if it has some.
    """
    known = (_ConvNd, nn.Linear, _BatchNorm, SyncBatchNorm_, nn.GroupNorm)
    for name, module in model.named_modules():
        own = list(module.parameters(recurse=False))
        trains = any(parameter.requires_grad for parameter in own)
        is_leaf = next(module.children(), None) is None
        if own and (trains or is_leaf) and not isinstance(module, known):
            return f'has no rate for {name} ({type(module).__name__})'
    layers = [module for module in model.modules() if isinstance(module, (_ConvNd, nn.Linear))]
    for name, layer in find_classifiers(model).items():
        if fc_lr5 and layer is not layers[-1]:
            return f'takes {name} for a hidden layer'
    return ''
