"""Show the representation flow of some channels beside optical flow, and the flow of the flow.

python demo/representation_flow.py VIDEO [--config CONFIG --checkpoint CHECKPOINT] --out flow.png

Without a trained model, it is the flow of the colours of the frames.
"""

import argparse

import numpy as np
import torch

from mmmotion.apis import load_recognizer, pick_device, recognizer_parser, run
from mmmotion.datasets.media import FLOW_METHODS, compute_flow, has_tvl1, read_frames
from mmmotion.models.wrappers.probes import tapped
from mmmotion.ops import RepresentationFlow
from mmmotion.visualization import draw_displacements


def parse_args() -> argparse.Namespace:
    parser = recognizer_parser(__doc__, required=False)
    parser.add_argument('video', help='video file')
    parser.add_argument('--out', default='representation_flow.png', help='the picture')
    parser.add_argument('--first', type=int, default=0, help='frame to begin with')
    parser.add_argument('--pairs', type=int, default=3, help='of adjacent frames')
    parser.add_argument('--channels', type=int, nargs='+', help='default: the three that move most')
    parser.add_argument('--num-iters', type=int, default=100, help='without a model')
    parser.add_argument('--mode', choices=('tvl1', 'paper'), default='tvl1', help='without a model')
    parser.add_argument('--flow', choices=FLOW_METHODS, help='default: TV-L1 where it is found')
    return parser.parse_args()


def flows_of_model(args: argparse.Namespace, clip: torch.Tensor) -> list[torch.Tensor]:
    """Return what every flow layer of a trained model gives for one clip, (1, 3, T, H, W)."""
    model = load_recognizer(args)
    layers = [name for name, m in model.named_modules() if isinstance(m, RepresentationFlow)]
    if not layers:
        raise ValueError(f'--config: expected a model with a flow layer, got {args.config}')
    batch = model.data_preprocessor(dict(inputs=[clip], data_samples=None))
    with tapped(model, layers) as found:
        model.backbone(batch['inputs'].flatten(0, 1))  # from (B, N, 3, T, H, W)
    return list(found.values())


def flows_of_colours(args: argparse.Namespace, clip: torch.Tensor) -> list[torch.Tensor]:
    """Return the flow of red, green and blue, and the flow of that."""
    device = pick_device(args.device)
    layer = RepresentationFlow(args.num_iters, mode=args.mode).to(device)
    frames = clip.to(device).transpose(1, 2)  # (1, T, 3, H, W)
    flow = layer(frames.float())
    return [flow, layer(flow)]


def pick_channels(flow: np.ndarray, channels: list[int] | None) -> list[int]:
    """Return the channels to draw of flows (T, 2, C, H, W)."""
    count = flow.shape[2]
    if channels is None:
        lengths = np.hypot(flow[:, 0], flow[:, 1])  # (T, C, H, W)
        means = lengths.mean(axis=(0, 2, 3))
        longest = np.argsort(-means, kind='stable')[:3]
        return sorted(longest.tolist())
    if not all(0 <= channel < count for channel in channels):
        raise ValueError(f'--channels: expected 0 to {count - 1}, got {channels}')
    return channels


def name_flows(
    flows: list[torch.Tensor], pairs: int, channels: list[int] | None
) -> dict[str, np.ndarray]:
    """Return the flows to draw by name, each (pairs, 2, h, w)."""
    named = {}
    for index, flow in enumerate(flows):
        maps = flow[0, :pairs].unflatten(1, (2, -1))  # (pairs, 2, C, h, w)
        maps = maps.float().cpu().numpy()
        name = 'flow of ' * index + 'flow'
        for channel in pick_channels(maps, channels if index == 0 else None):
            named[f'{name}, channel {channel}'] = maps[:, :, channel]
    return named


@torch.no_grad()
def main(args: argparse.Namespace) -> None:
    # One frame more than pairs need, for the flow of the flow.
    frames = read_frames(args.video, args.first, args.pairs + 2)
    clip = torch.from_numpy(frames).permute(3, 0, 1, 2)  # (3, T, H, W)
    clip = clip[None]
    find = flows_of_model if args.config else flows_of_colours
    flows = name_flows(find(args, clip), args.pairs, args.channels)
    seen = frames[: args.pairs + 1]
    name = args.flow or ('tvl1' if has_tvl1() else 'farneback')
    draw_displacements(
        seen,
        {name: compute_flow(seen, name), **flows},
        {},
        reach=None,
        path=args.out,
        title='Flow from a frame to the next, each picture by its fastest',
    )
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
