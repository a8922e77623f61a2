"""Sampling with a constant interval, against section 4.2 of OFF."""

import numpy as np
import pytest

import mmmotion  # noqa: F401
from mmmotion.datasets import ConstantIntervalSampleFrames, VideoError
from mmmotion.datasets.transforms import constant_interval
from mmmotion.registry import TRANSFORMS


def sample(total, alpha=7, beta=25, seed=None, **kwargs):
    if seed is not None:
        np.random.seed(seed)
    transform = ConstantIntervalSampleFrames(alpha, beta, **kwargs)
    return transform(dict(total_frames=total, filename='clip.mp4'))


class TestConstantIntervalSampleFrames:
    @pytest.mark.parametrize('total', [25, 26, 100, 137, 300])
    def test_formula(self, total):
        """p of 0..L-1-(alpha-1)*(L//beta), then steps of L//beta; every p is drawn."""
        interval = total // 25
        drawn = set()
        for seed in range(300):
            inds = sample(total, seed=seed)['frame_inds']
            assert (np.diff(inds) == interval).all()
            assert len(inds) == 7
            drawn.add(int(inds[0]))
        bound = total - 1 - 6 * interval
        assert min(drawn) >= 0
        assert max(drawn) <= bound
        if bound < 40:
            assert drawn == set(range(bound + 1))

    @pytest.mark.parametrize(('total', 'first'), [(25, 0), (26, 0), (137, 8), (100, 1)])
    def test_testing_has_the_same_interval(self, total, first):
        result = sample(total, test_mode=True)
        expected = first + total // 25 * np.arange(25)
        assert result['frame_inds'].tolist() == expected.tolist()
        assert result['num_clips'] == 25
        assert result['clip_len'] == 1

    @pytest.mark.parametrize('test_mode', [False, True])
    def test_stacks(self, test_mode):
        """Of 6 frames each: adjacent within, one interval apart, none past the end."""
        for seed in range(50):
            result = sample(200, seed=seed, clip_len=6, test_mode=test_mode)
            stacks = result['frame_inds'].reshape(-1, 6)
            assert (np.diff(stacks, axis=1) == 1).all()
            assert (np.diff(stacks[:, 0]) == 8).all()
            assert stacks.max() < 200
            assert (result['clip_len'], result['num_clips']) == (6, len(stacks))

    def test_stack_at_the_end(self):
        """An interval shorter than a stack: the last frame repeats."""
        stacks = sample(26, test_mode=True, clip_len=6)['frame_inds'].reshape(-1, 6)
        assert stacks[-1].tolist() == [24, 25, 25, 25, 25, 25]

    @pytest.mark.parametrize('total', [1, 2, 18, 24])
    def test_short_video(self, total):
        """Its frames repeat in order, each as often as the others, but for one."""
        inds = sample(total, test_mode=True)['frame_inds']
        assert len(inds) == 25
        assert (np.diff(inds) >= 0).all()
        counts = np.bincount(inds, minlength=total)
        assert counts.max() - counts.min() <= 1
        for seed in range(20):
            trained = sample(total, seed=seed)['frame_inds'].tolist()
            windows = [inds[i : i + 7].tolist() for i in range(19)]
            assert trained in windows

    def test_short_video_is_said_once(self, monkeypatch):
        said = []
        monkeypatch.setattr(constant_interval, 'print_log', lambda text, **_: said.append(text))
        transform = ConstantIntervalSampleFrames(7, 25)
        for name in ('a.mp4', 'b.mp4'):
            transform(dict(total_frames=9, filename=name))
        assert len(said) == 1
        assert said[0].startswith('a.mp4 has 9 frames, less than the 25 that are sampled')

    def test_start_index(self):
        transform = ConstantIntervalSampleFrames(2, 5, test_mode=True)
        inds = transform(dict(total_frames=10, start_index=1))['frame_inds']
        assert inds.tolist() == [1, 3, 5, 7, 9]

    @pytest.mark.parametrize(
        ('kwargs', 'match'),
        [
            (dict(alpha=1), r'num_clips: expected 2\.\.25 .* got 1'),
            (dict(alpha=26), r'num_clips: expected 2\.\.25 .* got 26'),
            (dict(alpha=2.0), 'num_clips: expected an integer .* got 2.0'),
            (dict(clip_len=0), 'clip_len: expected an integer of at least 1, got 0'),
        ],
    )
    def test_exception(self, kwargs, match):
        with pytest.raises(ValueError, match=match):
            sample(100, **kwargs)

    def test_empty_video(self):
        with pytest.raises(VideoError, match='clip.mp4'):
            sample(0)

    def test_registered(self):
        cfg = dict(type='mmmotion.ConstantIntervalSampleFrames', num_clips=7, test_segments=25)
        assert str(TRANSFORMS.build(cfg)) == (
            'ConstantIntervalSampleFrames(num_clips=7, test_segments=25, clip_len=1, '
            'test_mode=False)'
        )
