"""Show how a trained VAP weighs the timescales of a video (PAN, Fig. 6).

python demo/timescale_weights.py VIDEO --config CONFIG --checkpoint CHECKPOINT --out weights.png
"""

import argparse

import torch

from mmmotion.apis import (
    classify,
    load_recognizer,
    recognizer_parser,
    run,
    top_k,
)
from mmmotion.models.wrappers.probes import tapped
from mmmotion.ops import TimescaleAggregation
from mmmotion.visualization import draw_timescale_weights


def parse_args() -> argparse.Namespace:
    parser = recognizer_parser(__doc__)
    parser.add_argument('video', help='video file, or folder of frames')
    parser.add_argument('--out', default='weights.png', help='the picture')
    parser.add_argument('--branch', default='', help='whose VAP, if there are several')
    return parser.parse_args()


def find_aggregation(model: torch.nn.Module, branch: str) -> TimescaleAggregation:
    found = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, TimescaleAggregation)
    }
    prefix = f'branches.{branch}.' if branch else ''
    for name, module in found.items():
        if name.startswith(prefix):
            return module
    if not found:
        raise ValueError(f'--config: expected a model with a VAP, got a {type(model).__name__}')
    raise ValueError(f'--branch: expected one with a VAP ({", ".join(found)}), got {branch!r}')


def first_frames(batch: dict, num_segments: int) -> torch.Tensor:
    """Return one frame of each segment of the first view, (N, H, W, 3)."""
    clips = batch['inputs'][0][:num_segments]
    if clips.dim() == 5:  # stacks, (N, 3, m, H, W)
        clips = clips[:, :, 0]
    return clips.permute(0, 2, 3, 1)  # from (N, 3, H, W)


def main(args: argparse.Namespace) -> None:
    model = load_recognizer(args)
    aggregation = find_aggregation(model, args.branch)
    with tapped(aggregation, ['weight_perception']) as heard:
        probabilities, batch = classify(model, args.video)
    weights = heard['weight_perception'].softmax(dim=1)  # (views, K)
    name, probability = top_k(probabilities, 1, model.classes)[0]
    draw_timescale_weights(
        first_frames(batch, aggregation.num_segments).numpy(),
        weights[0].float().cpu().numpy(),
        aggregation.timescales,
        path=args.out,
        title=f'{name} ({probability:.1%}): weights of the timescales',
    )
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
