"""Time displacement maps against the way that needs the volume, and beside OpenCV's optical flow.

The obvious version is tests/reference/dcd.py: all windows unfolded, multiplied, summed. Ratios
above 1 mean that ours is faster. OpenCV's flows see the grey frames of a clip of MotionShapes-like
pictures at the size of the maps; ours the features of the same frames, made by one convolution.

    python tools/benchmark/displacement_map.py --threads 2 --out result.json
"""

import sys
from functools import partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np
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
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[2] / 'tests'))

from reference import dcd as reference  # noqa: E402

from mmmotion.datasets.media import FLOW_METHODS, flow_factory, has_tvl1  # noqa: E402
from mmmotion.datasets.motion_shapes import MotionShapesSpec  # noqa: E402
from mmmotion.datasets.motion_shapes.render import clip_rng, draw_clip  # noqa: E402
from mmmotion.ops import displacement_map  # noqa: E402

VERSIONS = ('obvious', 'ours')
REACH, TAU = 4, 0.02


def parse_args():
    parser = benchmark_parser(__doc__, rounds=15)
    parser.add_argument('--pairs', type=int, default=1, help='of maps in a batch')
    parser.add_argument('--channels', type=int, default=64)
    parser.add_argument('--height', type=int, default=112)
    parser.add_argument('--width', type=int, default=112)
    parser.add_argument('--flow-rounds', type=int, default=3)
    parser.add_argument('--memory', nargs=3, metavar=('DEVICE', 'PASS', 'VERSION'), help='one peak')
    return parser.parse_args()


def make_call(args, device, passes, version):
    """Return a function without arguments that runs one case."""
    torch.manual_seed(0)
    shape = (args.pairs, args.channels, args.height, args.width)
    train = passes == 'train'
    f1, f2 = (torch.randn(shape, device=device, requires_grad=train) for _ in range(2))

    def run():
        if version == 'obvious':
            return reference.unfolded_displacement_map(f1, f2, REACH, REACH, TAU)
        return displacement_map(f1, f2, max_displacement=REACH, tau=TAU)

    if not train:
        return run
    grad = torch.randn(args.pairs, 2, args.height, args.width, device=device)
    return lambda: torch.autograd.grad(run(), (f1, f2), grad)


def measure(args, device, passes):
    calls = {version: make_call(args, device, passes, version) for version in VERSIONS}
    if passes == 'forward':
        elements = args.pairs * args.channels * args.height * args.width
        calls['limit'] = matrix_product(elements * (2 * REACH + 1) ** 2, device)
    times = compare(calls, args.rounds, device)
    return [
        {
            'device': device,
            'pass': passes,
            'version': version,
            'ms': 1e3 * median(times[version]),
            'x obvious': ratio(times['obvious'], times[version]),
            'peak MB': None
            if version == 'limit'
            else peak_megabytes(make_call, args, device, passes, version),
        }
        for version in calls
    ]


def draw_frames(height, width):
    """Return two adjacent frames of a moving shape, (2, H, W, 3), uint8."""
    spec = MotionShapesSpec(image_size=2 * (min(height, width) // 2), num_frames=2)
    clip = draw_clip(spec, 0, clip_rng(spec, 'train', 0))
    return np.stack([cv2.resize(frame, (width, height)) for frame in clip])


def make_flows(args):
    """Return the ways to find a motion field for one pair of the same frames."""
    frames = draw_frames(args.height, args.width)
    grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in frames]
    methods = [method for method in FLOW_METHODS if method != 'tvl1' or has_tvl1()]
    flows = {method: partial(flow_factory(method)().calc, *grey, None) for method in methods}
    return {**flows, 'ours': make_ours(args, frames)}


def make_ours(args, frames):
    clip = torch.from_numpy(frames).permute(0, 3, 1, 2) / 255.0  # (2, 3, H, W)
    weight = torch.randn(args.channels, 3, 7, 7)

    def run():
        features = F.conv2d(clip, weight, padding=3).relu_()
        return displacement_map(features[:1], features[1:], max_displacement=REACH, tau=TAU)

    return run


def measure_flows(args):
    """Frames per second; ours with the convolution of both frames of a pair."""
    cv2.setNumThreads(args.threads)
    times = compare(make_flows(args), args.flow_rounds, 'cpu')
    return [
        {'flow': name, 'frames per second': 1 / median(spent), 'ours is x': ratio(spent, ours)}
        for ours in [times['ours']]
        for name, spent in times.items()
    ]


def main():
    args = parse_args()
    torch.set_num_threads(args.threads)
    if args.memory:
        print_peak(make_call, args)
        return
    devices = found_devices(args.device)
    where = environments(devices)
    with torch.no_grad():
        flows = measure_flows(args)
    cases = [(device, passes) for device in devices for passes in ('forward', 'train')]
    rows = [row for case in cases for row in measure(args, *case)]
    shape = (args.pairs, args.channels, args.height, args.width)
    result = {'operator': 'displacement_map', 'maps': shape, 'max_displacement': REACH}
    report({**result, 'rounds': args.rounds, 'flows': flows, **where}, rows, args.out)


if __name__ == '__main__':
    main()
