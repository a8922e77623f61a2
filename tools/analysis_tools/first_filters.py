"""Draw the first filters of a network over time, and say how much they change over it.

python tools/analysis_tools/first_filters.py --config CONFIG --checkpoint CKPT --out filters.png
"""

import argparse

from mmmotion.apis import (
    load_recognizer,
    pick_recognizer,
    recognizer_parser,
    run,
)
from mmmotion.models import MotionBackbone
from mmmotion.models.wrappers.first_conv import find_first_conv
from mmmotion.visualization import draw_filters, temporal_change


def parse_args() -> argparse.Namespace:
    parser = recognizer_parser(__doc__)
    parser.add_argument('--out', default='filters.png', help='the picture')
    parser.add_argument('--num', type=int, default=16, help='how many filters')
    parser.add_argument('--branch', help="whose filters, if there are branches: the branch's name")
    return parser.parse_args()


def find_weight(backbone):
    """Return the first kernels, and whether their three channels are colours."""
    sees_motion = any(isinstance(module, MotionBackbone) for module in backbone.modules())
    while hasattr(backbone, 'backbone'):  # what wraps a backbone may have convolutions of its own
        backbone = backbone.backbone
    weight = find_first_conv(backbone).weight.detach()
    # Residual frames have colours, too (Fig. 4); maps as the channels of a 2D kernel have none.
    return weight, weight.shape[1] == 3 and not (sees_motion and weight.dim() == 4)


def main(args: argparse.Namespace) -> None:
    model = load_recognizer(args)
    weight, rgb = find_weight(pick_recognizer(model, args.branch).backbone)
    kernel = ' x '.join(map(str, weight.shape))
    title = f'first filters ({kernel})'
    if weight.dim() == 5:
        change = f'{temporal_change(weight):.1%}'
        title += f': {change} of their norm change over time'
        print(f'of the norm of a filter, {change} change over time (mean of {len(weight)})')
    draw_filters(weight, rgb=rgb, num=args.num, path=args.out, title=title)
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
