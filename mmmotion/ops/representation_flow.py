"""Representation flow: the flow of every channel of a feature map, by a TV-L1 that can be learned.

Representation Flow for Action Recognition, section 3.2 and algorithm 1.

Deviates: the three cases of eq. 3 are one, a step that is clamped. The printed algorithm
under-estimates, since Sobel's kernels are unnormalised; the mode ``'tvl1'`` does not. Of tau,
lambda and theta, the logarithm is learned.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mmmotion.ops._checks import check_choice, check_float, check_frames, check_shape
from mmmotion.ops.engines.flow_gradient import flow_gradient
from mmmotion.ops.engines.flow_iterations import flow_iterations
from mmmotion.ops.feature_scale import scale_features
from mmmotion.ops.shapes import adjacent_frames, fold_time, unfold_time

__all__ = ['LEARNABLE', 'RepresentationFlow', 'representation_flow']

LEARNABLE = {  # Table 2
    'sobel': ('sobel',),
    'divergence': ('div_x', 'div_y'),
    'hyperparameters': ('log_tau', 'log_lam', 'log_theta'),
}
MODES = ('paper', 'tvl1')
SOBEL_X = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
BACKWARD_DIFFERENCE = (-1.0, 1.0)
FLATTEST = 1e-8  # |grad F2|^2 below which a map is flat; features are in 0..255
RANGE = (0.001, 10.0)  # of tau, lambda and theta where they are learned


def representation_flow(
    f1: Tensor,
    f2: Tensor,
    *,
    num_iters: int = 20,
    tau: float | Tensor = 0.25,
    lam: float | Tensor = 0.15,
    theta: float | Tensor = 0.3,
    div_x: Tensor | None = None,
    div_y: Tensor | None = None,
    sobel: Tensor | None = None,
    mode: str = 'paper',
    compiled: bool = True,
) -> Tensor:
    r"""Find the flow of every channel from a map to the next, by iterations of TV-L1.

    .. math::
        v = u - clamp(\rho / |\nabla F_2|^2, -\lambda\theta, \lambda\theta) \nabla F_2, \quad
        u = v + \theta \, div(p), \quad
        p = (p + \tau/\theta \nabla u) / (1 + \tau/\theta |\nabla u|)

    Algorithm 1; :math:`\rho = F_2 - F_1 + \nabla F_2 \cdot u`, and u and p start at 0. Each
    component of u has a p of its own, and so has each channel. Computed in float32 at least.

    Args:
        f1: the earlier maps, (N, C, H, W), of a range of about 0..255: to it the step and the
            weights of the paper belong.
        f2: the later maps, like ``f1``.
        num_iters: iterations, at least 0; the paper has 10, 20 and, to show convergence, 100.
        tau: time step, above 0; a tensor is not checked for it, as that would wait for its device.
        lam: weight of brightness constancy against smoothness, as ``tau``.
        theta: how closely u follows v, as ``tau``.
        div_x: weights of the left and the middle pixel in the divergence, (2,); None: -1 and 1.
        div_y: weights of the upper and the middle pixel, (2,); None: -1 and 1.
        sobel: kernels of the gradients in x and y, (2, 3, 3); None: Sobel's.
        mode: ``'paper'``: gradients of F2 and u by ``sobel``, zeros around the maps, as printed.
            ``'tvl1'``: an eighth of ``sobel`` for F2, with repeated borders, and forward
            differences for u, so that the flow is in pixels.
        compiled: whether a CPU runs the iterations in C++, built on first use in seconds.
            Without a compiler, which is warned of, and with kernels of one's own it does not.

    Returns:
        Flow, (N, 2, C, H, W), in the type of ``f1``. A NaN stays in its map, and is warned of on
        a CPU. Flat maps have zero flow.

    Raises:
        TypeError: if the maps are no floating-point tensors.
        ValueError: if their shapes do not belong together, or a setting is out of its range.

    Convention:
        x along columns, then y along rows, in pixels of the map, from ``f1`` to ``f2``. Kernels are
        cross-correlated, Sobel's being right minus left and below minus above: the printed ones,
        turned, as a convolution turns them. The gradient of F2 is at the later map.

    Example:
        >>> ramp = torch.arange(9.0).expand(1, 1, 9, 9)
        >>> flow = representation_flow(ramp, ramp - 0.5, num_iters=50, mode='tvl1')
        >>> flow[0, :, 0, 4, 4].round(decimals=1) + 0.0
        tensor([0.5000, 0.0000])
    """
    _check_arguments(f1, f2, num_iters, mode)
    _check_constants(tau=tau, lam=lam, theta=theta)
    dtype = torch.promote_types(f1.dtype, torch.float32)
    first = f1.to(dtype)
    second = f2.to(dtype)
    tau = torch.as_tensor(tau, dtype=dtype, device=first.device)
    lam = torch.as_tensor(lam, dtype=dtype, device=first.device)
    theta = torch.as_tensor(theta, dtype=dtype, device=first.device)
    with torch.autocast(f1.device.type, enabled=False):
        # The fields are scaled so that no number but the weights is left inside the loop.
        g = flow_gradient(second, sobel, mode).flatten(1, 2)  # (2, N C, H, W)
        square = g.square().sum(0).clamp_min(FLATTEST)
        scale = 1 / (square * (tau * lam))
        rho = (second - first).flatten(0, 1) * scale * (tau / theta)
        h = g * scale
        step = g * (tau * lam)
        weights = tau * torch.cat([_pair(div_x, first), _pair(div_y, first)])
        kernels = sobel if mode == 'paper' else None
        scaled: Tensor = flow_iterations(rho, h, step, weights, kernels, num_iters, mode, compiled)
        flow = scaled * (theta / tau)  # (2, N C, H, W)
    _report_nan(flow)
    return flow.view(2, *f1.shape).transpose(0, 1).to(f1.dtype)


class RepresentationFlow(nn.Module):
    """Module of :func:`representation_flow`, for clips: T frames have T - 1 flows.

    Args:
        num_iters: as in the function.
        learn: what is learned (Table 2): ``'none'``, ``'all'``, or some of ``'sobel'``,
            ``'divergence'`` and ``'hyperparameters'``, which are tau, lambda and theta. The rest is
            in the state dict all the same, so that weights go from one to the other.
        mode: as in the function.
        scale: whether features are scaled to 0..255 first, clip by clip.
        tau: as in the function, to start from; ``lam`` and ``theta`` too.
        lam: see ``tau``.
        theta: see ``tau``.
        compiled: as in the function.

    Convention:
        In: (N, T, C, H, W). Out: (N, T - 1, 2 C, H, W), x of all channels, then y of all.

        Parameters are log(tau), log(lambda) and log(theta), so that a step cannot make a constant
        negative, and learned constants stay within 0.001 to 10. A step of the learning rate r then
        changes a constant c by r c^2 times its gradient, to the first order: the paper's rate for
        the constants themselves is 1 / c^2, or 11 to 44, times as fast at the start. A state dict
        of ``tau``, ``lam`` and ``theta``, as before they were logarithms, loads.
    """

    log_tau: Tensor
    log_lam: Tensor
    log_theta: Tensor
    div_x: Tensor
    div_y: Tensor
    sobel: Tensor

    def __init__(
        self,
        num_iters: int = 20,
        *,
        learn: str | Sequence[str] = ('divergence', 'hyperparameters'),
        mode: str = 'paper',
        scale: bool = True,
        tau: float = 0.25,
        lam: float = 0.15,
        theta: float = 0.3,
        compiled: bool = True,
    ) -> None:
        super().__init__()
        _check_settings(num_iters, mode)
        _check_constants(tau=tau, lam=lam, theta=theta)
        self.num_iters = num_iters
        self.mode = mode
        self.scale = scale
        self.compiled = compiled
        self.learn = _learned_sets(learn)
        kernel = torch.tensor(SOBEL_X)
        values = {
            'log_tau': torch.tensor(math.log(tau)),
            'log_lam': torch.tensor(math.log(lam)),
            'log_theta': torch.tensor(math.log(theta)),
            'div_x': torch.tensor(BACKWARD_DIFFERENCE),
            'div_y': torch.tensor(BACKWARD_DIFFERENCE),
            'sobel': torch.stack([kernel, kernel.t()]),
        }
        learned = [name for chosen in self.learn for name in LEARNABLE[chosen]]
        for name, value in values.items():
            if name in learned:
                self.register_parameter(name, nn.Parameter(value))
            else:
                self.register_buffer(name, value)
        self.register_load_state_dict_pre_hook(_take_logarithms)  # type: ignore[no-untyped-call]
        self.register_load_state_dict_post_hook(_find_own_kernels)  # type: ignore[no-untyped-call]
        self.has_own_kernels = 'sobel' in self.learn  # slower, and never compiled

    def forward(self, clip: Tensor) -> Tensor:
        """Map clips, (N, T, C, H, W), to flows, (N, T - 1, 2 C, H, W)."""
        check_frames('clip', clip, ('N', 'T', 'C', 'H', 'W'))
        frames = scale_features(clip) if self.scale else clip
        earlier, later = adjacent_frames(frames)
        flow = representation_flow(
            fold_time(earlier),
            fold_time(later),
            num_iters=self.num_iters,
            **self.constants(),
            div_x=self.div_x,
            div_y=self.div_y,
            sobel=self.sobel if self.has_own_kernels else None,
            mode=self.mode,
            compiled=self.compiled,
        )
        flow = unfold_time(flow.flatten(1, 2), clip.shape[1] - 1)  # (N, T - 1, 2 C, H, W)
        return flow.to(clip.dtype)

    def constants(self) -> dict[str, Tensor]:
        """Return ``tau``, ``lam`` and ``theta`` as they are now."""
        return dict(
            tau=_constant(self.log_tau),
            lam=_constant(self.log_lam),
            theta=_constant(self.log_theta),
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f'num_iters={self.num_iters}, learn={self.learn}, mode={self.mode}, '
            f'scale={self.scale}, compiled={self.compiled}'
        )


def _constant(log: Tensor) -> Tensor:
    """Return a constant, in its range if it is learned, whose gradient leads back into it."""
    if isinstance(log, nn.Parameter):
        low, high = RANGE
        clamped = log.clamp(math.log(low), math.log(high))
        log = log + (clamped - log).detach()
    return log.exp()


def _take_logarithms(module: nn.Module, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    """Load constants from before their logarithms were learned: less than 0.001 counted as that."""
    for name in ('tau', 'lam', 'theta'):
        constant = state_dict.pop(prefix + name, None)
        if constant is not None:
            state_dict[f'{prefix}log_{name}'] = constant.clamp_min(RANGE[0]).log()


def _find_own_kernels(module: nn.Module, _: Any) -> None:
    """Use kernels that were learned elsewhere and have been loaded."""
    assert isinstance(module, RepresentationFlow)
    x = module.sobel.new_tensor(SOBEL_X)
    sobels = torch.stack([x, x.t()])
    module.has_own_kernels = 'sobel' in module.learn or not torch.equal(module.sobel, sobels)


def _pair(weights: Tensor | None, like: Tensor) -> Tensor:
    return like.new_tensor(BACKWARD_DIFFERENCE) if weights is None else weights.to(like.dtype)


def _report_nan(flow: Tensor) -> None:
    # To ask a GPU would make each call wait for it; there a training's loss tells.
    if torch.compiler.is_compiling() or flow.device.type != 'cpu':
        return
    if not flow.detach().sum().isnan():
        return
    with_nan = flow.detach().isnan().flatten(2).any(2).any(0)  # (N C,)
    count = int(with_nan.sum())
    if count:  # not so where the sum was of infinities of both signs
        warnings.warn(
            f'f1, f2: expected numbers, got NaN in {count} of {flow.shape[1]} maps', stacklevel=3
        )


def _learned_sets(learn: str | Sequence[str]) -> tuple[str, ...]:
    names = (learn,) if isinstance(learn, str) else tuple(learn)
    if names == ('none',):
        return ()
    if names == ('all',):
        return tuple(LEARNABLE)
    unknown = [name for name in names if name not in LEARNABLE]
    if unknown:
        raise ValueError(
            f"learn: expected 'none', 'all' or some of {', '.join(LEARNABLE)}, got {unknown[0]!r}"
        )
    return names


def _check_settings(num_iters: int, mode: str) -> None:
    if isinstance(num_iters, bool) or not isinstance(num_iters, int) or num_iters < 0:
        raise ValueError(f'num_iters: expected an integer of at least 0, got {num_iters!r}')
    check_choice('mode', mode, MODES)


def _check_constants(**constants: float | Tensor) -> None:
    for name, value in constants.items():
        if not isinstance(value, Tensor) and not value > 0:
            raise ValueError(f'{name}: expected more than 0, got {value!r}')


def _check_arguments(f1: Tensor, f2: Tensor, num_iters: int, mode: str) -> None:
    check_float('f1', f1)
    check_float('f2', f2)
    check_shape('f1', f1, ('N', 'C', 'H', 'W'))
    check_shape('f2', f2, f1.shape)
    _check_settings(num_iters, mode)
