"""What the log of a training says of a value over its steps."""

import json
from pathlib import Path

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
    rows = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    found = {row['step']: row[key] for row in rows if key in row and 'lr' in row}
    if not found:
        known = ', '.join(sorted({name for row in rows for name in row}))
        raise ValueError(f'key: expected one that is logged ({known}), got {key!r}')
    steps = sorted(found)
    values = [found[step] for step in steps]
    return steps, [_mean(values[max(0, i + 1 - window) : i + 1]) for i in range(len(values))]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
