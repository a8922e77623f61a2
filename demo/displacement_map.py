"""Show DCD's displacement maps and warped differences beside optical flow's (Fig. 5).

python demo/displacement_map.py VIDEO [--config CONFIG --checkpoint CHECKPOINT] --out dcd.png

Without a trained model, the features are those of random filters, which match well already.
"""

import argparse

import numpy as np
import torch

from mmmotion.apis import load_recognizer, pick_device, recognizer_parser, run
from mmmotion.datasets.media import FLOW_METHODS, compute_flow, has_tvl1, read_frames
from mmmotion.models import DynamicsStem
from mmmotion.ops import warped_difference
from mmmotion.ops.shapes import to_ntchw
from mmmotion.registry import MODELS
from mmmotion.visualization import draw_displacements

RANDOM_STEM = dict(
    type='DynamicsStem', backbone=dict(type='mmmotion.ConvStem', stride=1), max_displacement=6
)


def parse_args() -> argparse.Namespace:
    parser = recognizer_parser(__doc__, required=False)
    parser.add_argument('video', help='video file')
    parser.add_argument('--out', default='displacement.png', help='the picture')
    parser.add_argument('--first', type=int, default=0, help='frame to begin with')
    parser.add_argument('--pairs', type=int, default=3, help='of adjacent frames')
    parser.add_argument('--flow', choices=FLOW_METHODS, help='default: TV-L1 where it is found')
    return parser.parse_args()


def run_stem(args: argparse.Namespace, frames: np.ndarray):
    """Return the dynamics of the frames, as they are, in 0..255."""
    clip = torch.from_numpy(frames).permute(3, 0, 1, 2)  # (3, T, H, W)
    clip = clip[None, None]  # (B, N, 3, T, H, W), both of 1
    if args.config:
        model = load_recognizer(args)
        if not isinstance(getattr(model, 'stem', None), DynamicsStem):
            raise ValueError(f'--config: expected a model with a DynamicsStem, got {args.config}')
        batch = model.data_preprocessor(dict(inputs=[clip[0]], data_samples=None))
        seen = batch['inputs']
        stem = model.stem
    else:
        torch.manual_seed(0)
        device = pick_device(args.device)
        stem = MODELS.build(RANDOM_STEM).to(device)
        seen = clip.to(device).float() / 58 - 2  # about mean 0 and a standard deviation of 1
    return stem(seen).replace(frames=to_ntchw(clip).float().to(seen.device))


def change(dynamics, warped_by: str | None) -> np.ndarray:
    """Return the differences of the frames, (T - 1, 3, H, W)."""
    view = MODELS.build(dict(type='AppearanceChange', of='rgb', warped_by=warped_by))
    return view(dynamics)[0, 0].cpu().numpy()


@torch.no_grad()
def main(args: argparse.Namespace) -> None:
    frames = read_frames(args.video, args.first, args.pairs + 1)
    dynamics = run_stem(args, frames)
    scale = frames.shape[2] / dynamics.displacement.shape[-1]  # from the map's pixels
    displacement = dynamics.displacement[0, 0].cpu().numpy() * scale
    name = args.flow or ('tvl1' if has_tvl1() else 'dis')
    flow = compute_flow(frames, name)
    stills = dynamics.frames[0, 0].cpu()
    warped = warped_difference(stills[:-1], stills[1:], torch.from_numpy(flow))
    features = 'features' if args.config else 'features of random filters'
    draw_displacements(
        frames,
        {name: flow, 'displacement map': displacement},
        {
            'difference': change(dynamics, None),
            f'warped by {name}': warped.numpy(),
            'warped by the map': change(dynamics, 'displacement'),
        },
        reach=max(np.abs(displacement).max(), 1e-6),
        path=args.out,
        title=f'Displacement of {features}, and the change that it does not explain',
    )
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
