"""Train in bfloat16 on any device: MMEngine's ``AmpOptimWrapper`` refuses to run on a CPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmaction.models.heads import BaseHead
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from torch import nn

from mmmotion.checks import check_choice
from mmmotion.models.wrappers.probes import hooked
from mmmotion.registry import OPTIM_WRAPPERS

__all__ = ['BFloat16OptimWrapper', 'multiplies_bfloat16']


def multiplies_bfloat16() -> bool:
    """Return whether this machine has units that multiply bfloat16, so that it is faster there."""
    device = get_device()
    if device == 'cuda':
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device != 'cpu':
        return False
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get('amx_bf16') or capabilities.get('avx512_bf16'))


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """``OptimWrapper`` whose forward pass runs under bfloat16 autocast.

    bfloat16 has float32's range, so that no loss scaling is needed; parameters and gradients stay
    float32.

    Args:
        enabled (bool | str): True, False, or ``'auto'``: only where the hardware multiplies
            bfloat16. Elsewhere it is emulated, several times slower than float32.
        kwargs: of MMEngine's ``OptimWrapper``: ``optimizer``, ``clip_grad``, ...

    Raises:
        ValueError: ``enabled`` is another value.
    """

    def __init__(self, enabled: bool | str = 'auto', **kwargs) -> None:
        check_choice('enabled', enabled, (True, False, 'auto'))
        super().__init__(**kwargs)
        self.enabled = multiplies_bfloat16() if enabled == 'auto' else enabled

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        device = next(model.parameters()).device.type
        autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=self.enabled)
        heads = {name: m for name, m in model.named_modules() if isinstance(m, BaseHead)}

        # MMAction2's heads turn their scores into NumPy arrays, which know no bfloat16.
        def in_float32(name: str, head: nn.Module, inputs: tuple, scores: torch.Tensor):
            return scores.float()

        with super().optim_context(model), autocast, hooked(heads, in_float32):
            yield
