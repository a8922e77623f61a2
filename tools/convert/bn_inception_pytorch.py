"""Turn the public ImageNet weights of BN-Inception into a checkpoint of ours.

python tools/convert/bn_inception_pytorch.py IN.pth OUT.pth
"""

import argparse
from pathlib import Path

import mmmotion  # (the cures, before anything of upstream's is imported)
from mmmotion.apis import one_sentence_errors
from mmmotion.apis.convert_pan import read_released
from mmmotion.models import BNInception
from mmmotion.models.backbones.bn_inception import CLASSIFIERS, own_key
from mmmotion.weights import check_out, write_checkpoint


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('checkpoint', metavar='IN', help='the public file')
    parser.add_argument('out', metavar='OUT', help='the file to write')
    parser.add_argument(
        '--prefix', default='', help='what to put before every key, such as backbone. for load_from'
    )
    parser.add_argument('--traceback', action='store_true', help='show where an error was raised')
    return parser.parse_args()


def split_classifier(weights: dict) -> tuple[dict, list[str]]:
    """Return the weights of the network, and the keys of its classifier."""
    weights = {key.removeprefix('base_model.'): value for key, value in weights.items()}
    classifier = [key for key in weights if key.split('.')[0] in CLASSIFIERS]
    return {key: value for key, value in weights.items() if key not in classifier}, classifier


def place(weights: dict) -> dict:
    """Return the state dict of a BN-Inception that was given ``weights``."""
    model = BNInception()
    places = model.state_dict()
    for key in weights:
        if own_key(key) not in places:
            raise ValueError(f'checkpoint: expected weights of a BN-Inception, got {key}')
    present = {own_key(key) for key in weights}
    missing = [key for key in places if key not in present and 'num_batches' not in key]
    if missing:
        raise ValueError(
            f'checkpoint: expected weights of a BN-Inception, got none for {missing[0]}'
        )
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:  # torch's: a header, then a line for every key
        raise ValueError(f'checkpoint: {str(error).splitlines()[1].strip()}') from error
    return model.state_dict()


def convert(args: argparse.Namespace) -> None:
    check_out(args.out, args.checkpoint)
    weights, classifier = split_classifier(read_released(args.checkpoint))
    state_dict = {f'{args.prefix}{key}': value for key, value in place(weights).items()}
    meta = dict(
        description='BN-Inception without its classifier; BGR, 0..255, mean [104, 117, 128], std 1',
        source=Path(args.checkpoint).name,
        mmmotion_version=mmmotion.__version__,
    )
    write_checkpoint(args.out, state_dict, meta)
    left_out = ', '.join(classifier) or 'nothing'
    print(f'{args.out}: {len(state_dict)} entries; left out with the classifier: {left_out}')


def main() -> None:
    args = parse_args()
    with one_sentence_errors(show_traceback=args.traceback):
        convert(args)


if __name__ == '__main__':
    main()
