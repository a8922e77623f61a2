"""Algorithm 1 of the representation flow, pixel by pixel, and as one would first write it."""

import torch
from torch.nn import functional as F

SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


def pixel(a, y, x):
    """Return a pixel, 0 outside."""
    return float(a[y, x]) if 0 <= y < a.shape[0] and 0 <= x < a.shape[1] else 0.0


def convolve(a, kernel):
    """Convolve a map with a 3x3 kernel as printed: the kernel is turned by half a turn."""
    out = torch.zeros_like(a)
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            for i in range(3):
                for j in range(3):
                    out[y, x] += kernel[i][j] * pixel(a, y + 1 - i, x + 1 - j)
    return out


def forward_difference(a, axis):
    out = torch.zeros_like(a)
    for y in range(a.shape[0] - (axis == 0)):
        for x in range(a.shape[1] - (axis == 1)):
            out[y, x] = a[y + (axis == 0), x + (axis == 1)] - a[y, x]
    return out


def clamped_sobel(a, printed):
    """An eighth of Sobel's gradient, the border repeated."""
    padded = F.pad(a[None, None], (1, 1, 1, 1), mode='replicate')[0, 0]
    return convolve(padded, printed)[1:-1, 1:-1] / 8


def divergence(px, py, wx, wy):
    """Equations 6 and 9."""
    out = torch.zeros_like(px)
    for y in range(px.shape[0]):
        for x in range(px.shape[1]):
            out[y, x] = wx[0] * pixel(px, y, x - 1) + wx[1] * pixel(px, y, x)
            out[y, x] += wy[0] * pixel(py, y - 1, x) + wy[1] * pixel(py, y, x)
    return out


def step(u, rho_c, slope, y, x, limit):
    """Equations 2 and 3 at a pixel, case by case."""
    here, g = (float(u[0][y, x]), float(u[1][y, x])), (float(slope[0][y, x]), float(slope[1][y, x]))
    square = g[0] ** 2 + g[1] ** 2
    rho = float(rho_c[y, x]) + g[0] * here[0] + g[1] * here[1]
    if rho < -limit * square:
        return [here[k] + limit * g[k] for k in range(2)]
    if rho > limit * square:
        return [here[k] - limit * g[k] for k in range(2)]
    return [here[k] - (rho * g[k] / square if square else 0) for k in range(2)]


def flow_of_map(
    f1,
    f2,
    num_iters,
    tau=0.25,
    lam=0.15,
    theta=0.3,
    wx=(-1.0, 1.0),
    wy=(-1.0, 1.0),
    printed_x=((1, 0, -1), (2, 0, -2), (1, 0, -1)),
    printed_y=((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
    mode='paper',
):
    """Algorithm 1 for one map (H, W) in float64, case by case: ux and uy, (2, H, W)."""

    paper = mode == 'paper'

    def nabla(u):
        if paper:
            return convolve(u, printed_x), convolve(u, printed_y)
        return forward_difference(u, 1), forward_difference(u, 0)

    slope = [(convolve if paper else clamped_sobel)(f2, k) for k in (printed_x, printed_y)]
    (h, w), u = f1.shape, [torch.zeros_like(f1), torch.zeros_like(f1)]
    p = [[torch.zeros_like(f1), torch.zeros_like(f1)] for _ in range(2)]
    rho_c = f2 - f1
    for _ in range(num_iters):
        v = [step(u, rho_c, slope, y, x, lam * theta) for y in range(h) for x in range(w)]
        v = torch.tensor(v, dtype=f1.dtype).T.reshape(2, h, w)
        for k in range(2):
            u[k] = v[k] + theta * divergence(*p[k], wx, wy)
            slopes = nabla(u[k])
            length = (slopes[0] ** 2 + slopes[1] ** 2).sqrt()
            p[k] = [
                (p[k][i] + tau / theta * slopes[i]) / (1 + tau / theta * length) for i in (0, 1)
            ]
    return torch.stack(u)


def representation_flow(f1, f2, num_iters, tau=0.25, lam=0.15, theta=0.3, mode='paper'):
    """The obvious version: a 3x3 conv per gradient, boolean masks for the three cases.

    The convs are depth-wise in the way that runs fastest. (N, C, H, W) to (N, 2, C, H, W).
    """
    channels = f1.shape[1]

    def conv(x, kernel):
        weight = x.new_tensor(kernel).expand(channels, 1, -1, -1)
        pad = (0, 0) if weight.shape[-1] == 2 or weight.shape[-2] == 2 else (1, 1)
        return F.conv2d(x, weight, padding=pad, groups=channels)

    def nabla(u):
        return conv(u, SOBEL), conv(u, tuple(zip(*SOBEL, strict=True)))

    def div(px, py):
        return conv(F.pad(px, (1, 0)), ((-1.0, 1.0),)) + conv(
            F.pad(py, (0, 0, 1, 0)), ((-1.0,), (1.0,))
        )

    assert mode == 'paper'
    gx, gy = nabla(f2)
    square = gx**2 + gy**2 + 1e-12
    rho_c = f2 - f1
    ux = uy = torch.zeros_like(f1)
    p = [(torch.zeros_like(f1), torch.zeros_like(f1)) for _ in range(2)]
    limit = lam * theta
    for _ in range(num_iters):
        rho = rho_c + gx * ux + gy * uy
        low, high = rho < -limit * square, rho > limit * square
        middle = ~(low | high)
        vx = low * (ux + limit * gx) + high * (ux - limit * gx) + middle * (ux - rho * gx / square)
        vy = low * (uy + limit * gy) + high * (uy - limit * gy) + middle * (uy - rho * gy / square)
        ux, uy = vx + theta * div(*p[0]), vy + theta * div(*p[1])
        slopes = [nabla(u) for u in (ux, uy)]
        scales = [1 + tau / theta * (x**2 + y**2 + 1e-12).sqrt() for x, y in slopes]
        p = [
            tuple((p[k][i] + tau / theta * slopes[k][i]) / scales[k] for i in range(2))
            for k in range(2)
        ]
    return torch.stack([ux, uy], dim=1)
