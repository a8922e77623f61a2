"""The random numbers of a sample depend on the run's seed and the draw alone."""

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from mmmotion.registry import DATASETS

PIPELINE = [
    dict(type='mmaction.DecordInit'),
    dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=2),
    dict(type='mmaction.DecordDecode'),
    dict(type='mmaction.FormatShape', input_format='NCTHW'),
]


def collate(batch):
    return [(sample['filename'], tuple(sample['frame_inds'])) for sample in batch]


class Recorder(BaseModel):
    """Keep what is drawn, and train on it."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.drawn = []

    def train_step(self, data, optim_wrapper):
        self.drawn.extend(data)
        total = float(np.sum([inds for _, inds in data]))
        optim_wrapper.update_params((self.weight - total) ** 2)
        return {}

    def forward(self, *args, **kwargs):
        raise NotImplementedError


def datasets(root):
    videos = dict(
        type='mmmotion.RobustVideoDataset',
        ann_file='train.txt',
        data_root=str(root),
        pipeline=PIPELINE,
    )
    upstream = dict(videos, type='mmaction.VideoDataset', ann_file=str(root / 'train.txt'))
    upstream.update(data_root=None, data_prefix=dict(video=str(root)))
    return dict(
        bare=videos,
        repeat=dict(type='mmengine.RepeatDataset', dataset=videos, times=4),
        concat=dict(type='mmengine.ConcatDataset', datasets=[videos, videos]),
        balanced=dict(type='mmengine.ClassBalancedDataset', dataset=videos, oversample_thr=0.5),
        upstream=upstream,
    )


def run(folder, dataset, *, workers=0, epochs=3, iters=None, resume=False):
    """Train through the runner; return the model, with what was drawn, and its final weight."""
    by_epoch = iters is None
    loops = dict(max_epochs=epochs, val_interval=99) if by_epoch else dict(max_iters=iters)
    sampler = 'DefaultSampler' if by_epoch else 'InfiniteSampler'
    loader = dict(
        batch_size=3,
        num_workers=workers,
        persistent_workers=workers > 0,
        dataset=ConfigDict(dataset),
        sampler=dict(type=sampler, shuffle=True),
        collate_fn=collate,
    )
    model = Recorder()
    checkpoint = dict(type='CheckpointHook', interval=1 if by_epoch else 4, by_epoch=by_epoch)
    Runner(
        model=model,
        work_dir=str(folder),
        train_dataloader=loader,
        train_cfg=dict(loops, by_epoch=by_epoch),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-6, momentum=0.9)),
        default_hooks=dict(checkpoint=checkpoint, logger=None),
        custom_hooks=[dict(type='mmmotion.EpochSeedHook')],
        randomness=dict(seed=7),
        resume=resume,
        default_scope='mmaction',
        log_level='ERROR',
        experiment_name=f'{folder.name}{np.random.default_rng().integers(2**60)}',
    ).train()
    return model


@pytest.mark.parametrize('kind', ['bare', 'repeat', 'concat', 'balanced', 'upstream'])
def test_epochs(tiny_root, tmp_path, kind):
    # Resumed with other numbers of workers, which so are equal as well.
    dataset = datasets(tiny_root)[kind]
    alone = run(tmp_path / 'alone', dataset)
    run(tmp_path / 'resumed', dataset, epochs=1)
    resumed = run(tmp_path / 'resumed', dataset, workers=2, epochs=3, resume=True)
    assert resumed.drawn == alone.drawn[len(alone.drawn) // 3 :]
    assert torch.equal(resumed.weight, alone.weight)
    assert_draws_vary(alone.drawn)


def test_iterations(tiny_root, tmp_path):
    dataset, iters = datasets(tiny_root)['bare'], 24  # of 3 of 16 videos: 4.5 passes
    alone = run(tmp_path / 'alone', dataset, iters=iters)
    run(tmp_path / 'resumed', dataset, iters=8)
    resumed = run(tmp_path / 'resumed', dataset, iters=iters, workers=2, resume=True)
    assert resumed.drawn == alone.drawn[8 * 3 :]
    assert torch.equal(resumed.weight, alone.weight)
    assert_draws_vary(alone.drawn)


def test_repeats_within_an_epoch(tiny_root, tmp_path):
    assert_draws_vary(run(tmp_path, datasets(tiny_root)['repeat'], epochs=1).drawn)


def assert_draws_vary(drawn):
    """Of 11 equally likely stacks, the draws of a video are seldom all the same one."""
    stacks = {}
    for video, inds in drawn:
        stacks.setdefault(video, []).append(inds)
    distinct = [len(set(draws)) / len(draws) for draws in stacks.values()]
    assert np.mean(distinct) > 0.6


def test_categories(tiny_root):
    dataset = DATASETS.build(datasets(tiny_root)['bare'])
    assert dataset.get_cat_ids(3) == [dataset.get_data_info(3)['label']]
