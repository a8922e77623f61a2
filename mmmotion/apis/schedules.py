"""What the schedules of a training follow: its length, and the size of its batches.

MMEngine's schedules hold absolute numbers, which stay as they are where ``train_cfg.max_epochs`` or
``--auto-scale-lr`` changes what they were written for: a cosine would stay at 0 for the rest of a
longer training, and a shorter one would end at a high rate.
"""

import os

from mmengine.config import Config

__all__ = ['drop_unused_schedules', 'scale_schedules', 'stretch_schedules']

UNLIMITED = int(1e9)  # MMEngine's ``end`` of a schedule without one
WORLD_SIZE = dict(pytorch='WORLD_SIZE', slurm='SLURM_NTASKS', mpi='OMPI_COMM_WORLD_SIZE')


def stretch_schedules(cfg: Config, planned: int) -> None:
    """Stretch all schedules by epochs from ``planned`` epochs to ``train_cfg.max_epochs``.

    ``begin``, ``end``, ``milestones``, ``T_max`` and ``total_steps`` keep their places relative to
    the training. A warm-up keeps two epochs if there are as many, the fewest in which a rate rises;
    what would begin at the end is left out.
    """
    length = cfg.train_cfg.max_epochs
    kept = []
    for schedule in _schedules(cfg):
        if not schedule.get('by_epoch', True):
            kept.append(schedule)
            continue
        stretched = _stretch(schedule, planned, length)
        if stretched.get('begin', 0) < length:
            kept.append(stretched)
    cfg.param_scheduler = kept


def drop_unused_schedules(cfg: Config) -> None:
    """Leave out the schedules of branches that ``model.use`` does not name.

    The training ends with the last branch that is left, since not all can be frozen.
    """
    used = cfg.model.get('use')
    if used is None:
        return
    branches = cfg.model.get('branches') or {}
    unused = set(branches) - set(used)
    schedules = _schedules(cfg)
    kept = [schedule for schedule in schedules if schedule.get('branch') not in unused]
    if len(kept) == len(schedules):
        return
    cfg.param_scheduler = kept
    ends = {}  # of the last schedule of each branch
    for schedule in kept:
        branch = schedule.get('branch')
        if branch:
            end = schedule.get('end', UNLIMITED)
            ends[branch] = max(end, ends.get(branch, 0))
    if ends and set(used) <= set(ends):
        last = max(ends.values())
        cfg.train_cfg.max_epochs = min(cfg.train_cfg.max_epochs, last)


def scale_schedules(cfg: Config) -> None:
    """Scale the absolute rates of schedules as MMEngine scales the optimizer's to the batch."""
    auto_scale = cfg.get('auto_scale_lr') or {}
    if not auto_scale.get('enable') or not cfg.get('param_scheduler'):
        return
    variable = WORLD_SIZE.get(cfg.launcher, '')
    world_size = int(os.environ.get(variable, 1))
    batch_size = world_size * cfg.train_dataloader.batch_size
    ratio = batch_size / auto_scale['base_batch_size']
    for schedule in _schedules(cfg):
        if not schedule['type'].endswith('LR'):
            continue
        for rate in ('eta_max', 'eta_min'):
            if schedule.get(rate):
                schedule[rate] *= ratio


def _schedules(cfg: Config) -> list[dict]:
    schedules = cfg.get('param_scheduler') or []
    if isinstance(schedules, dict):
        return [schedules]
    return schedules


def _stretch(schedule: dict, planned: int, length: int) -> dict:
    """Return a schedule by epochs for ``length`` instead of ``planned`` epochs of training."""

    def move(epoch: int) -> int:
        if epoch in (0, UNLIMITED):
            return epoch
        moved = round(epoch * length / planned)
        moved = max(moved, min(epoch, 2))
        return min(moved, length)

    new = dict(schedule)
    for key in ('begin', 'end', 'T_max', 'total_steps'):
        if schedule.get(key) is not None:
            new[key] = move(schedule[key])
    if 'milestones' in schedule:
        new['milestones'] = [move(epoch) for epoch in schedule['milestones']]
    epochs = _count_epochs(schedule, planned)
    if schedule.get('T_max') == epochs:  # both ends are rounded, each by itself
        new_epochs = _count_epochs(new, length)
        new['T_max'] = max(1, new_epochs)
    return new


def _count_epochs(schedule: dict, max_epochs: int) -> int:
    begin = schedule.get('begin', 0)
    end = schedule.get('end', max_epochs)
    return end - begin
