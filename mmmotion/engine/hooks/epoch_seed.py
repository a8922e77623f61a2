"""Random numbers that a resumed run shares with an uninterrupted one."""

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner.utils import set_random_seed

from mmmotion.registry import HOOKS

__all__ = ['EpochSeedHook']


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Make the random numbers of an epoch depend on the run's seed and the epoch alone.

    MMEngine saves no random state, so a resumed run would draw other crops, stacks and dropout than
    one that went on. Data sets of ours draw per sample, whatever the number of workers.
    """

    priority = 'VERY_HIGH'

    def before_train_epoch(self, runner) -> None:
        dataset = runner.train_dataloader.dataset
        while hasattr(dataset, 'dataset'):  # a wrapper, such as RepeatDataset
            dataset = dataset.dataset
        if hasattr(dataset, 'sample_seeds'):
            dataset.sample_seeds.set_epoch(runner.seed, runner.epoch)

    def before_train_iter(self, runner, batch_idx: int, data_batch: dict | None = None) -> None:
        if batch_idx == 0:  # not before: a loader draws a number when it starts its workers
            seed = np.random.SeedSequence([runner.seed, runner.epoch]).generate_state(1)
            set_random_seed(int(seed[0]))
