"""The random numbers of a sample depend on seed, epoch and sample alone."""

import random

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from mmmotion.datasets.sample_seeds import SampleSeeds
from mmmotion.registry import DATASETS


def draw(seeds, index):
    seeds.apply(index)
    return np.random.randint(2**31), random.random()


class TestSampleSeeds:
    def test_nothing_before_an_epoch(self):
        np.random.seed(0)
        expected = np.random.randint(2**31)
        np.random.seed(0)
        assert draw(SampleSeeds(), 3)[0] == expected

    def test_what_they_depend_on(self):
        seeds, drawn = SampleSeeds(), {}
        for key in ((0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 0, 0)):
            seeds.set_epoch(*key[:2])
            drawn.setdefault(key, []).append(draw(seeds, key[2]))
        first, again = drawn.pop((0, 0, 0))
        assert first == again
        others = [first, *(value[0] for value in drawn.values())]
        assert len({number for number, _ in others}) == len({number for _, number in others}) == 4


@pytest.fixture
def dataset(tiny_root):
    pipeline = [
        dict(type='mmaction.DecordInit'),
        dict(type='mmmotion.SampleFrameStacks', num_segments=1, clip_len=2),
        dict(type='mmaction.DecordDecode'),
        dict(type='mmaction.FormatShape', input_format='NCTHW'),
    ]
    cfg = dict(type='mmmotion.RobustVideoDataset', ann_file='train.txt', data_root=str(tiny_root))
    return DATASETS.build(dict(cfg, pipeline=pipeline))


def frames(dataset, workers, epochs):
    """Return the frames that a loader picks, epoch after epoch."""
    loader = DataLoader(
        dataset,
        batch_size=2,
        num_workers=workers,
        persistent_workers=workers > 0,
        collate_fn=lambda batch: [torch.from_numpy(sample['frame_inds']) for sample in batch],
    )
    picked = []
    for epoch in epochs:
        dataset.sample_seeds.set_epoch(7, epoch)
        picked.append(torch.cat([inds for batch in loader for inds in batch]).tolist())
    return picked


def test_any_number_of_workers_and_any_first_epoch(dataset):
    alone = frames(dataset, 0, [0, 1, 2])
    assert frames(dataset, 2, [0, 1, 2]) == alone
    assert frames(dataset, 1, [2]) == alone[2:]
    assert alone[0] != alone[1] != alone[2]
