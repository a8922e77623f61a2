"""Time PAN-Lite-R50 as a whole against the same network after the obvious PA, in one run.

One clip of 8 stacks of 4 frames at 224x224. The obvious PA convolves every frame, with its bias,
then takes the distances pair by pair (tests/reference/pan.py). `fast` is our model after
mmmotion.models.fast_inference. Ratios are to the obvious version in float32; above 1 is faster.

    python tools/benchmark/pan_lite.py --threads 2 --out result.json
"""

import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path
from statistics import median

import torch
from _timing import benchmark_parser, compare, environments, found_devices, ratio, report
from mmengine.registry import init_default_scope
from torch import nn
from torch.profiler import ProfilerActivity, profile

sys.path.insert(0, str(Path(__file__).parents[2] / 'tests'))

from reference import pan as reference  # noqa: E402

import mmmotion  # noqa: E402, F401  (the cures, before anything of upstream's is imported)
from mmmotion.apis import load_config  # noqa: E402
from mmmotion.models.fast_inference import prepare_inference, use_channels_last  # noqa: E402

CONFIG = Path(__file__).parents[2] / 'configs/pan/pan_lite_r50_sthv2.py'
STACKS = (1, 8, 3, 4)  # (B, N, 3, m), before height and width


class ObviousPA(nn.Module):
    """The same filters, applied as first written down."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, clip):
        weight, bias = self.conv.weight, self.conv.bias
        return reference.persistence_of_appearance(clip, weight, bias).to(clip.dtype)


def parse_args():
    parser = benchmark_parser(__doc__, rounds=7)
    parser.add_argument('--size', type=int, default=224, help='height and width of a frame')
    parser.add_argument('--passes', nargs='+', choices=CALLS, default=list(CALLS))
    parser.add_argument('--profile', action='store_true', help='where the time of ours goes, too')
    return parser.parse_args()


def build(device):
    """Return the network after the obvious PA, and ours, of the same weights."""
    from mmaction.registry import MODELS

    cfg = load_config(str(CONFIG)).model
    cfg.backbone.backbone.update(pretrained=None, pretrained2d=False)
    init_default_scope('mmaction')
    torch.manual_seed(0)
    ours = MODELS.build(cfg).to(device).eval()
    obvious = deepcopy(ours)
    obvious.backbone.motion = ObviousPA(obvious.backbone.motion.conv)
    return obvious, ours


def infer(model, clip, bfloat16=False):
    def call():
        enabled = torch.autocast(clip.device.type, torch.bfloat16, enabled=bfloat16)
        with torch.inference_mode(), enabled:
            return model(clip, mode='tensor', stage='head')

    return call


def train(model, clip, bfloat16=False):
    """Return a training step: forward, loss, backward, update, of a copy of ``model``."""
    model = deepcopy(model).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6, momentum=0.9)
    label = torch.zeros(len(clip), dtype=torch.long, device=clip.device)

    def call():
        optimizer.zero_grad()
        with torch.autocast(clip.device.type, torch.bfloat16, enabled=bfloat16):
            scores = model(clip, mode='tensor', stage='head')
        nn.functional.cross_entropy(scores.float(), label).backward()
        optimizer.step()

    return call


def inference_calls(obvious, ours, clip):
    return {
        ('obvious', 'float32'): infer(obvious, clip),
        ('ours', 'float32'): infer(ours, clip),
        ('fast', 'float32'): infer(prepare_inference(ours), clip),
        ('obvious', 'bfloat16 autocast'): infer(obvious, clip, True),
        ('ours', 'bfloat16 autocast'): infer(ours, clip, True),
        ('fast', 'bfloat16'): infer(prepare_inference(ours, dtype=torch.bfloat16), clip),
    }


def training_calls(obvious, ours, clip):
    channels_last = deepcopy(ours)
    use_channels_last(channels_last)
    return {
        ('obvious', 'float32'): train(obvious, clip),
        ('ours', 'float32'): train(ours, clip),
        ('ours, channels last', 'float32'): train(channels_last, clip),
        ('obvious', 'bfloat16 autocast'): train(obvious, clip, True),
        ('ours', 'bfloat16 autocast'): train(ours, clip, True),
        ('ours, channels last', 'bfloat16 autocast'): train(channels_last, clip, True),
    }


CALLS = {'inference': inference_calls, 'training step': training_calls}


def measure(args, device):
    clip = torch.randn(*STACKS, args.size, args.size, device=device)
    models = build(device)
    rows = []
    for passes in args.passes:
        times = compare(CALLS[passes](*models, clip), args.rounds, device)
        rows += [row(device, passes, *case, times) for case in times]
    return rows


def row(device, passes, version, precision, times):
    taken = times[version, precision]
    return {
        'device': device,
        'pass': passes,
        'version': version,
        'precision': precision,
        'ms': 1e3 * median(taken),
        'x obvious float32': ratio(times['obvious', 'float32'], taken),
        'x obvious same precision': ratio(same_precision(times, precision), taken),
    }


def same_precision(times, precision):
    name = 'bfloat16 autocast' if precision == 'bfloat16' else precision
    return times['obvious', name]


def shares(device, size):
    """Return the share of each kind of operation in the time of our inference on ``device``."""
    clip = torch.randn(*STACKS, size, size, device=device)
    _, ours = build(device)
    kind = ProfilerActivity.CPU if device == 'cpu' else ProfilerActivity.CUDA
    return {
        name: profiled(infer(model, clip), kind)
        for name, model in (('ours', ours), ('fast', prepare_inference(ours)))
    }


def profiled(call, kind, top=8):
    call(), call()
    with profile(activities=[kind]) as record:
        call()
    attribute = 'self_cpu_time_total'
    if kind is ProfilerActivity.CUDA:
        attribute = 'self_device_time_total'
    spent = Counter({event.key: getattr(event, attribute) for event in record.key_averages()})
    total = sum(spent.values())
    return {name: round(time / total, 3) for name, time in spent.most_common(top)}


def main():
    args = parse_args()
    torch.set_num_threads(args.threads)
    devices = found_devices(args.device)
    where = environments(devices)
    rows = [row for device in devices for row in measure(args, device)]
    result = {
        'model': 'pan_lite_r50',
        'clip': (*STACKS, args.size, args.size),
        'rounds': args.rounds,
        **where,
    }
    if args.profile:
        result['shares'] = {device: shares(device, args.size) for device in devices}
    report(result, rows, args.out)


if __name__ == '__main__':
    main()
