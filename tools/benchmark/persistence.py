"""Time Persistence of Appearance against its obvious version, in one run.

The obvious version is tests/reference/pan.py: every frame convolved with its bias, then the pairs
one by one, as the released code does it. Ratios above 1 mean that ours is faster.

    python tools/benchmark/persistence.py --threads 2 --out result.json
"""

import sys
from pathlib import Path
from statistics import median

import torch
from _timing import (
    benchmark_parser,
    compare,
    environments,
    found_devices,
    matrix_product,
    peak_megabytes,
    print_peak,
    ratio,
    report,
)

sys.path.insert(0, str(Path(__file__).parents[2] / 'tests'))

from reference import pan as reference  # noqa: E402

from mmmotion.ops import persistence_of_appearance  # noqa: E402

VERSIONS = ('obvious', 'ours')
MODES = ('eager', 'compiled')


def parse_args():
    parser = benchmark_parser(__doc__, rounds=15)
    parser.add_argument('--stacks', type=int, default=8)
    parser.add_argument('--frames', type=int, default=4, help='of a stack')
    parser.add_argument('--height', type=int, default=224)
    parser.add_argument('--width', type=int, default=224)
    parser.add_argument(
        '--memory', nargs=4, metavar=('DEVICE', 'PASS', 'VERSION', 'MODE'), help='one peak'
    )
    return parser.parse_args()


def make_call(args, device, passes, version, mode):
    """Return a function without arguments that runs one case."""
    torch.manual_seed(0)
    clip = torch.randn(args.stacks, args.frames, 3, args.height, args.width, device=device)
    weight = (0.01 * torch.randn(8, 3, 7, 7, device=device)).requires_grad_(passes == 'train')
    bias = torch.zeros(8, device=device, requires_grad=passes == 'train')
    inputs = (clip, weight, bias) if version == 'obvious' else (clip, weight)
    operator = {
        'obvious': reference.persistence_of_appearance,
        'ours': persistence_of_appearance,
    }[version]
    operator = torch.compile(operator) if mode == 'compiled' else operator
    if passes == 'forward':
        return lambda: operator(*inputs)
    grad = torch.randn(args.stacks, args.frames - 1, args.height, args.width, device=device)
    return lambda: torch.autograd.grad(operator(*inputs), inputs[1:], grad)


def measure(args, device, passes):
    cases = [(version, mode) for version in VERSIONS for mode in MODES]
    calls = {case: make_call(args, device, passes, *case) for case in cases}
    if passes == 'forward':
        pixels = args.stacks * (args.frames - 1) * args.height * args.width
        calls['limit', 'eager'] = matrix_product(pixels * 8 * 147, device)
    times = compare(calls, args.rounds, device)
    return [
        {
            'device': device,
            'pass': passes,
            'version': version,
            'mode': mode,
            'ms': 1e3 * median(times[version, mode]),
            'x obvious eager': ratio(times['obvious', 'eager'], times[version, mode]),
            'x obvious same mode': ratio(times['obvious', mode], times[version, mode]),
            'peak MB': None
            if version == 'limit'
            else peak_megabytes(make_call, args, device, passes, version, mode),
        }
        for version, mode in calls
    ]


def main():
    args = parse_args()
    torch.set_num_threads(args.threads)
    if args.memory:
        print_peak(make_call, args)
        return
    devices = found_devices(args.device)
    where = environments(devices)
    cases = [(device, passes) for device in devices for passes in ('forward', 'train')]
    rows = [row for case in cases for row in measure(args, *case)]
    shape = (args.stacks, args.frames, 3, args.height, args.width)
    result = {'operator': 'persistence_of_appearance', 'clip': shape, 'rounds': args.rounds}
    report({**result, **where}, rows, args.out)


if __name__ == '__main__':
    main()
