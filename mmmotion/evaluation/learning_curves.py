"""What the log of a training says of a value over its steps."""

import json
from pathlib import Path
from statistics import mean

__all__ = ['read_curve']


def read_curve(work_dir: str | Path, key: str, *, window: int = 1) -> tuple[list[int], list[float]]:
    """Read a logged value from all runs in ``work_dir``: what a resumed run repeats counts once.

    Args:
        work_dir: of a training.
        key: what was logged, such as ``loss`` or ``level1.top1_acc``.
        window: the values that are averaged up to each step.

    Returns:
        The steps, rising, and the value at each.

    Raises:
        ValueError: there is no log, or no such value in it.
    """
    logs = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not logs:
        raise ValueError(f'{work_dir}: expected the log of a training, got none')
    found: dict[int, float] = {}
    known: set[str] = set()
    for log in logs:
        text = log.read_text()
        for line in text.splitlines():
            row = json.loads(line)
            known.update(row)
            is_training = 'lr' in row
            if is_training and key in row:
                step = row['step']
                found[step] = row[key]
    if not found:
        names = ', '.join(sorted(known))
        raise ValueError(f'key: expected one that is logged ({names}), got {key!r}')
    steps = sorted(found)
    values = [found[step] for step in steps]
    means = []
    for end in range(1, len(values) + 1):
        begin = max(0, end - window)
        average = mean(values[begin:end])
        means.append(average)
    return steps, means
