"""A model of which some modules do not train."""

from collections.abc import Iterable

from torch import nn

__all__ = ['PartlyFrozen']


class PartlyFrozen(nn.Module):
    """A model some of whose modules can be frozen: no gradient, batch norm in eval mode.

    To be inherited before the class of the model.

    Attributes:
        frozen_modules: names of the modules that are frozen, as ``get_submodule`` takes them. They
            stay so whatever mode the model is put into.
    """

    frozen_modules: tuple[str, ...] = ()
    switched_off: tuple[nn.Parameter, ...] = ()

    def freeze_modules(self, names: Iterable[str]) -> None:
        """Freeze these modules, and let those train again that only this had frozen."""
        for parameter in self.switched_off:
            parameter.requires_grad_(True)
        self.frozen_modules = tuple(names)
        switched_off = []
        for name in self.frozen_modules:
            for parameter in self.get_submodule(name).parameters():
                if parameter.requires_grad:
                    parameter.requires_grad_(False)
                    switched_off.append(parameter)
        self.switched_off = tuple(switched_off)
        self.train(self.training)

    def train(self, mode: bool = True) -> 'PartlyFrozen':
        super().train(mode)
        for name in self.frozen_modules:
            self.get_submodule(name).eval()
        return self
