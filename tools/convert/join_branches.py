"""Join the checkpoints of branches that were trained apart into one of a branch recogniser.

python tools/convert/join_branches.py CONFIG OUT.pth rgb=RGB.pth pa=PA.pth
"""

import argparse

from mmengine.registry import init_default_scope

import mmmotion
from mmmotion.apis import load_config, run, script_parser
from mmmotion.checkpoints import check_checkpoint, load_weights, write_checkpoint
from mmmotion.models import BranchRecognizer
from mmmotion.registry import MODELS


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('config', metavar='CONFIG', help='config of a BranchRecognizer')
    parser.add_argument('out', metavar='OUT', help='the checkpoint to write')
    parser.add_argument(
        'branches', nargs='+', metavar='NAME=CHECKPOINT', help='one for each branch of the config'
    )
    return parser.parse_args()


def read_pairs(pairs: list[str]) -> dict[str, str]:
    checkpoints: dict[str, str] = {}
    for pair in pairs:
        name, equals, path = pair.partition('=')
        if not equals:
            raise ValueError(f'branches: expected NAME=CHECKPOINT, got {pair}')
        if name in checkpoints:
            raise ValueError(f'branches: expected each name once, got {name} twice')
        checkpoints[name] = check_checkpoint(path, name=name)
    return checkpoints


def build(path: str) -> BranchRecognizer:
    cfg = load_config(path)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    model = MODELS.build(cfg.model)
    if not isinstance(model, BranchRecognizer):
        raise ValueError(f'config: expected a BranchRecognizer, got a {type(model).__name__}')
    return model


def join(model: BranchRecognizer, checkpoints: dict[str, str]) -> dict:
    """Fill every branch of ``model``; return what to note of where the weights come from."""
    if set(checkpoints) != set(model.branches):
        raise ValueError(
            f'branches: expected one checkpoint for each of {", ".join(model.branches)}, '
            f'got {", ".join(checkpoints)}'
        )
    metas = [
        load_weights(model.branches[name], path, name=name).get('meta', {})
        for name, path in checkpoints.items()
    ]
    classes = [meta['dataset_meta'] for meta in metas if meta.get('dataset_meta')]
    return dict(
        description=f'branches {", ".join(checkpoints)}, trained apart',
        mmmotion_version=mmmotion.__version__,
        dataset_meta=classes[0] if classes else {},
    )


def main(args: argparse.Namespace) -> None:
    checkpoints = read_pairs(args.branches)
    model = build(args.config)
    meta = join(model, checkpoints)
    write_checkpoint(args.out, model.state_dict(), meta)
    print(f'{args.out}: {meta["description"]}')


if __name__ == '__main__':
    run(main, parse_args())
