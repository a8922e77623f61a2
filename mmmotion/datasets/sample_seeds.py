"""Random numbers of a sample that depend on seed, epoch and sample alone.

Otherwise they depend on which worker of the loader fetched what before: workers that persist go on
where they were, the others begin each epoch with the same numbers, and neither survives a resume.
"""

import random

import numpy as np
import torch

__all__ = ['SampleSeeds']


class SampleSeeds:
    """Seeds for the samples of a data set; nothing until ``set_epoch`` was called.

    The epoch lies in shared memory, so that workers that outlive an epoch see the next one.
    """

    def __init__(self) -> None:
        self._state = torch.full((2,), -1).share_memory_()  # seed and epoch

    def set_epoch(self, seed: int, epoch: int) -> None:
        """Begin ``epoch`` of a run with this ``seed``, in all processes that share this object."""
        self._state.copy_(torch.tensor([seed, epoch]))

    def apply(self, index: int) -> None:
        """Seed NumPy and ``random``, which transforms draw from, for the sample ``index``."""
        seed, epoch = self._state.tolist()
        if epoch >= 0:
            np.random.seed([seed, epoch, index])
            random.seed(f'{seed} {epoch} {index}')
