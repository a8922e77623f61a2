"""Random numbers that a resumed run shares with an uninterrupted one.

Those of a sample depend on the run's seed and the draw alone. Otherwise they depend on which worker
of the loader fetched what before: workers that persist go on where they were, the others begin each
epoch with the same numbers, and neither survives a resume.

Workers do not know what the others fetched. So the sampler, which runs in the main process, gives
with each index the number of the draw, and the outermost data set seeds by both: the index that a
wrapper such as RepeatDataset sees differs from repeat to repeat.
"""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from mmengine.dataset import InfiniteSampler
from mmengine.dist import get_dist_info
from mmengine.hooks import Hook
from mmengine.runner.utils import set_random_seed
from torch.utils.data import DataLoader, Dataset

from mmmotion.registry import HOOKS

__all__ = ['Draw', 'DrawSampler', 'EpochSeedHook', 'SeededDataset', 'seed_draws']


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Make the random numbers of an epoch depend on the run's seed and the epoch alone.

    MMEngine saves no random state, so a resumed run would draw other crops, stacks and dropout than
    one that went on. Samples are drawn by seed, epoch, index and pass over the data set, whatever
    the number of workers, and whatever wraps the data set.
    """

    priority = 'VERY_HIGH'

    def before_train_epoch(self, runner) -> None:
        loop = runner.train_loop
        if not isinstance(loop.dataloader.batch_sampler, DrawSampler):
            loop.dataloader = seed_draws(loop.dataloader, runner.seed)
        loop.dataloader.batch_sampler.set_epoch(runner.epoch)
        if hasattr(loop, 'dataloader_iterator'):  # of a loop by iterations, which fetches ahead
            loop.dataloader_iterator = type(loop.dataloader_iterator)(loop.dataloader)

    def before_train_iter(self, runner, batch_idx: int, data_batch: dict | None = None) -> None:
        if batch_idx == 0:  # not earlier: a loader draws a number when it starts its workers
            sequence = np.random.SeedSequence([runner.seed, runner.epoch])
            (seed,) = sequence.generate_state(1)
            set_random_seed(int(seed))


class Draw(NamedTuple):
    """One draw of a sample: what its random numbers depend on, beside the run's seed."""

    epoch: int
    index: int
    visit: int  # passes over the data set before this one, within the epoch


class DrawSampler:
    """Yield the batches of a batch sampler, each index as a :class:`Draw`.

    Args:
        batch_sampler: of indices.
        num_samples: of the data set, over all processes.
    """

    def __init__(self, batch_sampler: Any, num_samples: int) -> None:
        self.batch_sampler = batch_sampler
        self.sampler = batch_sampler.sampler  # MMEngine's loops and hooks set its epoch
        self.num_samples = num_samples
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Begin ``epoch``: its draws are counted from 0."""
        self.epoch = epoch
        self.drawn = 0

    def __len__(self) -> int:
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[list[Draw]]:
        rank, world_size = get_dist_info()
        for batch in self.batch_sampler:
            draws = []
            for index in batch:
                # Processes take turns, so that this is the number of the draw over all of them.
                number = self.drawn * world_size + rank
                visit = number // self.num_samples
                draws.append(Draw(self.epoch, index, visit))
                self.drawn += 1
            yield draws


class SeededDataset(Dataset):
    """Seed NumPy and ``random``, which transforms draw from, before each sample of ``dataset``."""

    def __init__(self, dataset: Dataset, seed: int) -> None:
        self.dataset = dataset
        self.seed = seed

    @property
    def metainfo(self) -> dict:
        return self.dataset.metainfo

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, draw: Draw) -> Any:
        key = [self.seed, draw.epoch, draw.index]
        if draw.visit > 0:  # the first pass keeps the numbers that recorded results were drawn with
            key.append(draw.visit)
        np.random.seed(key)
        random.seed(' '.join(map(str, key)))
        return self.dataset[draw.index]


def seed_draws(loader: DataLoader, seed: int) -> DataLoader:
    """Return ``loader`` over the same samples, from the start, each draw with its own numbers.

    Its ``batch_sampler`` is a :class:`DrawSampler`, to be told where an epoch begins.
    """
    sampler = loader.batch_sampler.sampler
    if isinstance(sampler, InfiniteSampler):  # one stream, of which loaders have fetched ahead
        sampler.indices = sampler._indices_of_rank()
    dataset = SeededDataset(loader.dataset, seed)
    same = (
        'num_workers',
        'collate_fn',
        'pin_memory',
        'timeout',
        'worker_init_fn',
        'multiprocessing_context',
        'generator',
        'prefetch_factor',
        'persistent_workers',
        'pin_memory_device',
    )
    return DataLoader(
        dataset,
        batch_sampler=DrawSampler(loader.batch_sampler, len(dataset)),
        **{name: getattr(loader, name) for name in same},
    )
