"""Time the representation flow against its obvious version, in one run.

The obvious version is tests/reference/repflow.py: a 3x3 convolution per gradient, boolean masks for
the three cases of eq. 3. Ratios above 1 mean that ours is faster. Both start from maps scaled to
0..255 and give the flow: gradients of the maps, iterations, nothing around them.

    python tools/benchmark/representation_flow.py --threads 2 --out result.json
"""

import sys
import time
from pathlib import Path
from statistics import median

import torch
from _timing import (
    benchmark_parser,
    compare,
    environments,
    found_devices,
    peak_megabytes,
    print_peak,
    ratio,
    report,
)

sys.path.insert(0, str(Path(__file__).parents[2] / 'tests'))

from reference import repflow as reference  # noqa: E402

from mmmotion.ops import representation_flow  # noqa: E402
from mmmotion.ops.engines.flow_compiled import library  # noqa: E402

VERSIONS = ('obvious', 'ours without a compiler', 'ours')


def parse_args():
    parser = benchmark_parser(__doc__, rounds=9)
    parser.add_argument('--pairs', type=int, default=14)
    parser.add_argument('--channels', type=int, default=32)
    parser.add_argument('--size', type=int, default=28)
    parser.add_argument('--num-iters', type=int, default=20)
    parser.add_argument('--memory', nargs=3, metavar=('DEVICE', 'PASS', 'VERSION'), help='one peak')
    return parser.parse_args()


def make_call(args, device, passes, version):
    """Return a function without arguments that runs one case."""
    torch.manual_seed(0)
    shape = (args.pairs, args.channels, args.size, args.size)
    f1 = 255 * torch.rand(shape, device=device)
    f2 = (f1 + 20 * torch.randn(shape, device=device)).clamp(0, 255)
    hyper = [torch.tensor(value, device=device) for value in (0.25, 0.15, 0.3)]
    inputs = f1, f2, *hyper
    call = flow_by(args.num_iters, version)
    if passes == 'forward':
        return lambda: call(*inputs)
    for value in inputs:
        value.requires_grad_()
    grad = torch.randn(args.pairs, 2, *shape[1:], device=device)
    return lambda: torch.autograd.grad(call(*inputs), inputs, grad)


def flow_by(num_iters, version):
    """Return the flow as a function of f1, f2, tau, lambda and theta."""
    if version == 'obvious':
        return lambda f1, f2, *hyper: reference.representation_flow(f1, f2, num_iters, *hyper)
    return lambda f1, f2, tau, lam, theta: representation_flow(
        f1, f2, num_iters=num_iters, tau=tau, lam=lam, theta=theta, compiled=version == 'ours'
    )


def measure(args, device, passes):
    calls = {version: make_call(args, device, passes, version) for version in VERSIONS}
    times = compare(calls, args.rounds, device)
    return [
        {
            'device': device,
            'pass': passes,
            'version': version,
            'ms': 1e3 * median(times[version]),
            'x obvious': ratio(times['obvious'], times[version]),
            'peak MB': peak_megabytes(make_call, args, device, passes, version),
        }
        for version in VERSIONS
    ]


def seconds_to_compile():
    start = time.perf_counter()
    library()
    return time.perf_counter() - start


def main():
    args = parse_args()
    torch.set_num_threads(args.threads)
    if args.memory:
        print_peak(make_call, args)
        return
    devices = found_devices(args.device)
    result = {
        'operator': 'representation_flow',
        'maps': (args.pairs, args.channels, args.size, args.size),
        'iterations': args.num_iters,
        'rounds': args.rounds,
        'seconds to compile, or to load what was': seconds_to_compile(),
    }
    where = environments(devices)
    cases = [(device, passes) for device in devices for passes in ('forward', 'train')]
    report({**result, **where}, [row for case in cases for row in measure(args, *case)], args.out)


if __name__ == '__main__':
    main()
