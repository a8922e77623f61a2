"""Whether weights have been trained on the videos that a run tests.

The second stage of OFF starts from a first one of the same split: that of another split has been
trained on videos that this split tests, and the accuracy would be too high without a word.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config

__all__ = ['check_unseen', 'read_videos']

# A line of a list: a path, for a video with its suffix, then integers.
LINE = re.compile(r'(.+?)(?:\.(?:avi|mkv|mov|mp4|mpg|webm))?(?:\s+\d+)+\s*')


def check_unseen(checkpoint: dict, cfg: Config, *, name: str) -> None:
    """Refuse weights whose own training saw videos that ``cfg`` tests, and does not train on.

    Args:
        checkpoint: what MMEngine saved, with the config of its training in ``meta``; without it,
            or where a list is no longer there, nothing is known and nothing refused.
        cfg: of the training that starts from these weights.
        name: what the error calls the checkpoint.

    Raises:
        ValueError: such videos are tested, by their paths in the lists.
    """
    recorded = (checkpoint.get('meta') or {}).get('cfg')
    if not isinstance(recorded, str):
        return
    lists = set(_recorded_lists(recorded))
    own = set(_lists(cfg.get('train_dataloader')))
    tested = set(_lists(cfg.get('val_dataloader')))
    tested.update(_lists(cfg.get('test_dataloader')))
    if not lists - own:
        return
    leaked = (read_videos(lists) & read_videos(tested)) - read_videos(own)
    if leaked:
        raise ValueError(
            f'{name}: expected weights that have not been trained on the videos tested here '
            f'({", ".join(sorted(tested))}), got some trained on {len(leaked)} of them '
            f'({", ".join(sorted(lists))})'
        )


def read_videos(lists: set[str]) -> set[str]:
    """Return the paths of the videos, or folders of frames, in lists, without suffix."""
    videos = set()
    for path in lists:
        if not Path(path).is_file():
            continue
        for line in Path(path).read_text(errors='replace').splitlines():
            match = LINE.fullmatch(line)
            if match:
                videos.add(match[1])
    return videos


def _lists(part: object) -> Iterator[str]:
    """Yield the lists of a loader, of data sets within data sets, too."""
    if isinstance(part, dict):
        if part.get('ann_file'):
            root = part.get('data_root') or ''
            yield str(Path(root, part['ann_file']))
        part = list(part.values())
    if isinstance(part, list | tuple):
        for value in part:
            yield from _lists(value)


def _recorded_lists(config: str) -> Iterator[str]:
    """Yield the lists of the training loader in the text of a config, of which nothing is run."""
    try:
        statements = ast.parse(config).body
    except SyntaxError:
        return
    for statement in statements:
        if not isinstance(statement, ast.Assign):
            continue
        if getattr(statement.targets[0], 'id', None) == 'train_dataloader':
            yield from _lists(_literals(statement.value))


def _literals(node: ast.AST) -> object:
    """Turn ``dict(...)``, lists and constants into their values, and anything else into None."""
    if isinstance(node, ast.Call):
        return {item.arg: _literals(item.value) for item in node.keywords}
    if isinstance(node, ast.List | ast.Tuple):
        return [_literals(item) for item in node.elts]
    return node.value if isinstance(node, ast.Constant) else None
