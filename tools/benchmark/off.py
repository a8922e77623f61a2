"""Time OFF against depth-wise convolutions and slices, and the whole network, each in one run.

The obvious operator is tests/reference/off.py: one depth-wise convolution for each kernel, slices
for the difference. `three convolutions` takes the difference by a third one, over pairs. Ratios
above 1 mean that ours is faster.

Of the network, BN-Inception on 7 segments of 224x224, it times the TSN feature network alone and
RGB + OFF(RGB), as they are and after mmmotion.models.prepare_inference, and prints the cost of the
latter over the former.

    python tools/benchmark/off.py --threads 2 --out result.json
    python tools/benchmark/off.py --network --threads 2 --out result.json
"""

import sys
from pathlib import Path
from statistics import median

import torch
from _timing import benchmark_parser, compare, environments, found_devices, ratio, report
from mmengine.registry import init_default_scope

sys.path.insert(0, str(Path(__file__).parents[2] / 'tests'))

from reference import off as reference  # noqa: E402

from mmmotion.apis import load_config  # noqa: E402
from mmmotion.models import prepare_inference  # noqa: E402
from mmmotion.ops import off  # noqa: E402


def parse_args():
    parser = benchmark_parser(__doc__, rounds=11)
    parser.add_argument('--clips', type=int, default=4)
    parser.add_argument('--segments', type=int, default=7)
    parser.add_argument('--channels', type=int, default=128)
    parser.add_argument('--side', type=int, default=56)
    parser.add_argument('--network', action='store_true', help='time the network, not the operator')
    return parser.parse_args()


def three_convolutions(x):
    """Take the difference, too, by a depth-wise convolution, over pairs of neighbours."""
    fx, fy, _ = reference.off(x)
    num_clips, _, channels = x.shape[:3]
    pairs = torch.stack([x[:, :-1], x[:, 1:]], dim=3)  # (N, T - 1, C, 2, H, W)
    pairs = pairs.flatten(0, 1).flatten(1, 2)  # (N (T - 1), 2 C, H, W)
    taps = torch.tensor([-1.0, 1.0], device=x.device)
    weight = taps.repeat(channels, 1)[..., None, None]  # (C, 2, 1, 1)
    ft = torch.nn.functional.conv2d(pairs, weight, groups=channels)
    return fx, fy, ft.unflatten(0, (num_clips, -1))


OPERATORS = {
    'three convolutions': three_convolutions,
    'obvious': reference.off,
    'ours': off,
}


def operator_calls(args, device, passes):
    torch.manual_seed(0)
    shape = (args.clips, args.segments, args.channels, args.side, args.side)
    x = torch.randn(shape, device=device, requires_grad=passes == 'train')
    grads = [torch.randn_like(out) for out in off(x)]
    if passes == 'forward':
        return {name: lambda f=f: f(x) for name, f in OPERATORS.items()}
    return {name: lambda f=f: torch.autograd.grad(f(x), x, grads) for name, f in OPERATORS.items()}


def time_operator(args, device, passes):
    times = compare(operator_calls(args, device, passes), args.rounds, device)
    return [
        {
            'what': name,
            'device': device,
            'pass': passes,
            'ms': 1e3 * median(taken),
            'x three convolutions': ratio(times['three convolutions'], taken),
            'x obvious': ratio(times['obvious'], taken),
        }
        for name, taken in times.items()
    ]


NETWORKS = {  # configs of stage 1, and of stage 2 with each kind of unit
    'TSN': 'off_tsn_rgb',
    'OFF, released': 'off_released',
    'OFF, printed': 'off_rgb',
    'OFF, printed, shared path': 'off_shared',
}
CONFIGS = Path(__file__).parents[2] / 'configs/off'


def build(name, device):
    from mmaction.registry import MODELS

    cfg = load_config(str(CONFIGS / f'{NETWORKS[name]}_bninception_ucf101.py')).model
    cfg.backbone.pretrained = None
    torch.manual_seed(0)
    return MODELS.build(cfg).to(device).eval()


def infer(model, clip):
    def call():
        with torch.inference_mode():
            return model(clip, mode='tensor', stage='head')

    return call


def time_networks(args, device):
    init_default_scope('mmaction')
    clip = torch.randn(1, args.segments, 3, 224, 224, device=device)
    calls = {}
    for name in NETWORKS:
        model = build(name, device)
        calls[name] = infer(model, clip)
        calls[f'{name}, fast'] = infer(prepare_inference(model), clip)
    times = compare(calls, args.rounds, device)
    return [
        {
            'what': name,
            'device': device,
            'ms': 1e3 * median(taken),
            'x TSN': ratio(taken, times['TSN, fast' if 'fast' in name else 'TSN']),
        }
        for name, taken in times.items()
    ]


def main():
    args = parse_args()
    torch.set_num_threads(args.threads)
    devices = found_devices(args.device)
    where = environments(devices)
    if args.network:
        rows = [row for device in devices for row in time_networks(args, device)]
        shape = (1, args.segments, 3, 224, 224)
        report({'network': 'RGB + OFF(RGB)', 'clip': shape, **where}, rows, args.out)
        return
    cases = [(device, passes) for device in devices for passes in ('forward', 'train')]
    rows = [row for case in cases for row in time_operator(args, *case)]
    shape = (args.clips, args.segments, args.channels, args.side, args.side)
    report({'operator': 'off', 'features': shape, 'rounds': args.rounds, **where}, rows, args.out)


if __name__ == '__main__':
    main()
