from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from mmmotion.datasets import StackedSampleFrames, VideoError
from mmmotion.registry import DATASETS, TRANSFORMS

LEAVES = sorted((Path(__file__).parents[2] / 'configs').glob('[!_]*/*.py'))


def sample(total, num_clips=8, clip_len=4, start_index=0, **kwargs):
    transform = StackedSampleFrames(num_clips, clip_len, **kwargs)
    return transform(dict(total_frames=total, start_index=start_index, filename='some.mp4'))


def starts(total, clip_len=4, **kwargs):
    inds = sample(total, clip_len=clip_len, **kwargs)['frame_inds'].reshape(-1, clip_len)
    assert (np.diff(inds, axis=1) == 1).all()
    return inds[:, 0].tolist()


class TestStackedSampleFrames:
    def test_keys(self):
        results = sample(100, start_index=1, test_mode=True)
        assert results['frame_inds'].dtype == np.int32
        assert results['frame_inds'].shape == (32,)
        assert results['frame_inds'][:6].tolist() == [7, 8, 9, 10, 19, 20]
        expected = dict(clip_len=4, frame_interval=1, num_clips=8)
        assert {key: results[key] for key in expected} == expected

    def test_test_starts(self):
        # tick = 97 / 8 = 12.125: 6.0625, 18.1875, ...
        assert starts(100, test_mode=True) == [6, 18, 30, 42, 54, 66, 78, 90]
        # tick = 21 / 4 = 5.25: 2.625, 7.875, 13.125, 18.375
        assert starts(24, num_clips=4, test_mode=True) == [2, 7, 13, 18]
        # tick = 10 / 3: one frame each
        assert starts(10, num_clips=3, clip_len=1, test_mode=True) == [1, 5, 8]

    def test_twice_sample_adds_a_second_view(self):
        both = starts(100, test_mode=True, twice_sample=True)
        assert both[:8] == [6, 18, 30, 42, 54, 66, 78, 90]
        assert both[8:] == [0, 12, 24, 36, 48, 60, 72, 84]
        assert sample(100, test_mode=True, twice_sample=True)['num_clips'] == 8

    def test_train_starts(self):
        # d = 97 // 8 = 12, so segment i starts in 12 i .. 12 i + 11.
        np.random.seed(0)
        drawn = np.array([starts(100) for _ in range(400)])
        assert drawn.min(axis=0).tolist() == [12 * i for i in range(8)]
        assert drawn.max(axis=0).tolist() == [12 * i + 11 for i in range(8)]

    def test_train_starts_of_a_short_video(self):
        # n - m + 1 = 5 starts for 8 segments, so d = 0: sorted random ones.
        np.random.seed(0)
        drawn = np.array([starts(8) for _ in range(300)])
        assert (np.diff(drawn, axis=1) >= 0).all()
        assert set(drawn.ravel()) == set(range(5))

    def test_train_follows_the_seed(self):
        drawn = []
        for seed in (0, 0, 1):
            np.random.seed(seed)
            drawn.append(starts(100))
        assert drawn[0] == drawn[1] != drawn[2]

    def test_as_one_clip(self):
        mode = dict(test_mode=True, twice_sample=True)
        results, apart = sample(100, as_one_clip=True, **mode), sample(100, **mode)
        assert results['frame_inds'].tolist() == apart['frame_inds'].tolist()
        assert (results['clip_len'], results['num_clips']) == (32, 1)

    def test_video_as_long_as_the_clip(self):
        assert starts(4) == [0] * 8
        assert starts(4, test_mode=True) == [0] * 8

    @pytest.mark.parametrize('test_mode', [False, True])
    def test_too_short(self, test_mode):
        with pytest.raises(
            VideoError, match='some.mp4: expected a video of at least 4 frames, got 3'
        ):
            sample(3, test_mode=test_mode)
        repeated = sample(3, num_clips=2, test_mode=test_mode, repeat_last=True)
        assert repeated['frame_inds'].tolist() == [0, 1, 2, 2] * 2
        with pytest.raises(VideoError, match='at least 1 frames, got 0'):
            sample(0, test_mode=test_mode, repeat_last=True)

    def test_every_index_exists(self):
        for total in range(4, 60):
            for mode in (dict(), dict(test_mode=True), dict(test_mode=True, twice_sample=True)):
                inds = sample(total, **mode)['frame_inds']
                assert 0 <= inds.min() <= inds.max() < total

    @pytest.mark.parametrize(
        ('changed', 'said'),
        [
            (dict(num_clips=0), 'num_clips: expected an integer of at least 1, got 0'),
            (dict(clip_len=-1), 'clip_len: expected an integer of at least 1, got -1'),
            (dict(clip_len=2.5), 'clip_len: expected an integer of at least 1, got 2.5'),
            (dict(twice_sample=True), 'twice_sample: expected False without test_mode, got True'),
        ],
    )
    def test_exception(self, changed, said):
        with pytest.raises(ValueError, match=said):
            StackedSampleFrames(**{**dict(num_clips=8, clip_len=4), **changed})

    def test_repr(self):
        assert repr(StackedSampleFrames(8, 4)) == (
            'StackedSampleFrames(num_clips=8, clip_len=4, test_mode=False, '
            'twice_sample=False, repeat_last=False, as_one_clip=False)'
        )

    @pytest.mark.parametrize(
        ('crop', 'views', 'size'),
        [
            ([], 1, 32),
            ([dict(type='mmaction.Resize', scale=(-1, 40)), ('CenterCrop', 32)], 1, 32),
            ([('RandomCrop', 24)], 1, 24),
            ([('TenCrop', 24)], 10, 24),
            ([('ThreeCrop', 32)], 3, 32),
        ],
    )
    @pytest.mark.parametrize(('twice', 'one_clip'), [(False, False), (True, False), (True, True)])
    def test_whole_pipeline(self, tiny_root, crop, views, size, twice, one_clip):
        name = ('crop_size', 'size')
        crop = [
            {'type': f'mmaction.{c[0]}', name[c[0] == 'RandomCrop']: c[1]}
            if type(c) is tuple
            else c
            for c in crop
        ]
        stacks = dict(
            type='mmmotion.StackedSampleFrames', num_clips=3, clip_len=4, as_one_clip=one_clip
        )
        pipeline = [
            dict(type='mmaction.DecordInit'),
            dict(stacks, test_mode=True, twice_sample=twice),
            dict(type='mmaction.DecordDecode'),
            *crop,
            dict(type='mmaction.FormatShape', input_format='NCTHW'),
            dict(type='mmaction.PackActionInputs'),
        ]
        config = dict(ann_file='test.txt', data_root=str(tiny_root), test_mode=True)
        dataset = DATASETS.build(
            dict(type='mmmotion.RobustVideoDataset', pipeline=pipeline, **config)
        )
        clips = (1, 3, 12) if one_clip else (3, 3, 4)
        views *= 1 + twice
        assert dataset[0]['inputs'].shape == (views * clips[0], *clips[1:], size, size)


class TestNamesThatUpstreamLooksFor:
    """MMAction2's demos take a step's clip from its config, if its name has SampleFrames in it."""

    @pytest.mark.parametrize(
        ('name', 'former', 'arguments'),
        [
            ('StackedSampleFrames', 'SampleFrameStacks', dict(clip_len=3)),
            ('ConstantIntervalSampleFrames', 'ConstantIntervalSample', dict(test_segments=6)),
        ],
    )
    def test_former_names(self, name, former, arguments):
        arguments = dict(arguments, test_mode=True)
        expected = TRANSFORMS.build(dict(type=f'mmmotion.{name}', num_clips=5, **arguments))
        configs = [
            dict(type=f'mmmotion.{former}', num_segments=5),
            dict(type=f'mmmotion.{former}', num_clips=5),
            dict(type=f'mmmotion.{name}', num_segments=5),
            dict(type=f'mmmotion.{name}', num_clips=2, num_segments=5),  # over a base of ours
        ]
        for config in configs:
            built = TRANSFORMS.build(dict(config, **arguments))
            assert repr(built) == repr(expected)
            frame_inds = built(dict(total_frames=40))['frame_inds'].tolist()
            assert frame_inds == expected(dict(total_frames=40))['frame_inds'].tolist()

    @pytest.mark.parametrize('path', LEAVES, ids=lambda path: path.stem)
    def test_every_config(self, path):
        cfg = Config.fromfile(path)
        for pipeline in (cfg.train_pipeline, cfg.test_pipeline):
            (step,) = [step for step in pipeline if 'SampleFrames' in step['type']]
            assert step['clip_len'] * step['num_clips'] > 0
