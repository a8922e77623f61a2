"""Random numbers that a resumed run shares with an uninterrupted one."""

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner.utils import set_random_seed

from mmmotion.datasets.sample_seeds import DrawSampler, seed_draws
from mmmotion.registry import HOOKS

__all__ = ['EpochSeedHook']


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
        if hasattr(loop, 'dataloader_iterator'):  # by iterations: it has fetched ahead
            loop.dataloader_iterator = type(loop.dataloader_iterator)(loop.dataloader)

    def before_train_iter(self, runner, batch_idx: int, data_batch: dict | None = None) -> None:
        if batch_idx == 0:  # not before: a loader draws a number when it starts its workers
            seed = np.random.SeedSequence([runner.seed, runner.epoch]).generate_state(1)
            set_random_seed(int(seed[0]))
