"""A schedule of its own for each branch: MMEngine's act on every parameter group."""

from mmengine.optim import CosineAnnealingLR, LinearLR, MultiStepLR

from mmmotion.registry import PARAM_SCHEDULERS

__all__ = ['BranchCosineAnnealingLR', 'BranchLinearLR', 'BranchMultiStepLR']


class _OfBranch:
    """A scheduler of the parameter groups that ``BranchOptimWrapperConstructor`` gave ``branch``.

    Args:
        optimizer: with groups that carry the name of their branch.
        branch (str | None): the name; None for the parameters in no branch, such as a stem's.
        kwargs: of the scheduler.
    """

    def __init__(self, optimizer, *args, branch: str | None, **kwargs) -> None:
        found = {group.get('branch') for group in optimizer.param_groups}
        if branch not in found:
            names = sorted(name or 'none' for name in found)
            raise ValueError(
                f'branch: expected one with parameter groups ({", ".join(names)}), got {branch!r}; '
                "optim_wrapper needs constructor='mmmotion.BranchOptimWrapperConstructor'"
            )
        self.branch = branch
        super().__init__(optimizer, *args, **kwargs)

    def _get_value(self) -> list[float]:
        values = super()._get_value()
        for i, group in enumerate(self.optimizer.param_groups):
            if group.get('branch') != self.branch:
                values[i] = group[self.param_name]  # left as it is
        return values


@PARAM_SCHEDULERS.register_module()
class BranchMultiStepLR(_OfBranch, MultiStepLR):
    """``MultiStepLR`` of one branch."""


@PARAM_SCHEDULERS.register_module()
class BranchLinearLR(_OfBranch, LinearLR):
    """``LinearLR``, a warm-up, of one branch."""


@PARAM_SCHEDULERS.register_module()
class BranchCosineAnnealingLR(_OfBranch, CosineAnnealingLR):
    """``CosineAnnealingLR`` of one branch."""
