"""Take some classes of a list of Kinetics400, and number them anew: Tiny-Kinetics, Mini-Kinetics.

python tools/data/kinetics/select_classes.py tinykinetics_classes.txt LIST OUT
"""

import argparse
from pathlib import Path, PurePosixPath

from mmmotion.apis import run, script_parser
from mmmotion.files import whole_file


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('classes', type=Path, help='names of folders, one a line; _ is a space')
    parser.add_argument('list', type=Path, help='CLASS/VIDEO LABEL, one a line')
    parser.add_argument('out', type=Path, help='the list to write')
    return parser.parse_args()


def read_classes(path: Path) -> dict[str, int]:
    """Return the new label of each class, in the order of the file."""
    names = [line.strip().replace(' ', '_') for line in path.read_text().splitlines()]
    names = [name for name in names if name]
    twice = [name for name in names if names.count(name) > 1]
    if twice or not names:
        raise ValueError(f'{path}: expected different classes, got {twice[:1] or "none"}')
    return {name: label for label, name in enumerate(names)}


def select(lines: list[str], labels: dict[str, int]) -> list[str]:
    """Return the lines of the chosen classes, with their new labels."""
    selected = []
    for line in filter(str.strip, lines):
        video = line.rsplit(maxsplit=1)[0]
        label = labels.get(PurePosixPath(video).parent.name.replace(' ', '_'))
        if label is not None:
            selected.append(f'{video} {label}')
    return selected


def main(args: argparse.Namespace) -> None:
    labels = read_classes(args.classes)
    lines = select(args.list.read_text().splitlines(), labels)
    missing = set(range(len(labels))) - {int(line.rsplit(maxsplit=1)[1]) for line in lines}
    if missing:
        name = list(labels)[min(missing)]
        raise ValueError(
            f'{args.list}: expected videos of all {len(labels)} classes, got none of {name}'
        )
    with whole_file(args.out) as partial:
        partial.write_text('\n'.join(lines) + '\n')
    print(f'{args.out}: {len(lines)} videos of {len(labels)} classes')


if __name__ == '__main__':
    run(main, parse_args())
