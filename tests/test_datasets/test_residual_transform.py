"""Residual frames by a pipeline, a preprocessor and a backbone; H != W, T != C throughout."""

import numpy as np
import pytest
import torch
from mmaction.datasets.transforms import FormatShape, ThreeCrop
from mmaction.registry import MODELS as UPSTREAM
from mmaction.structures import ActionDataSample
from reference import residual as reference

import mmmotion  # noqa: F401
from mmmotion.registry import MODELS, TRANSFORMS

CLIPS, LENGTH = 2, 5


def video(height=12, width=20, clips=CLIPS):
    frames = np.random.RandomState(0).randint(256, size=(clips * LENGTH, height, width, 3))
    return dict(imgs=list(frames.astype(np.uint8)), clip_len=LENGTH, num_clips=clips)


def to_residual(results, signed=False):
    return TRANSFORMS.build(dict(type='mmmotion.ResidualFrames', signed=signed))(results)


def expected_of(frames, signed=False):
    clips = torch.from_numpy(np.stack(frames)).unflatten(0, (-1, LENGTH))
    return reference.residual_frames(clips, signed).flatten(0, 1).numpy()


class TestTransform:
    @pytest.mark.parametrize(('signed', 'dtype'), [(False, np.uint8), (True, np.int16)])
    def test_reference(self, signed, dtype):
        results = video()
        expected = expected_of(results['imgs'], signed)
        out = to_residual(results, signed)
        assert (out['clip_len'], out['num_clips']) == (LENGTH - 1, CLIPS)
        assert all(frame.dtype == dtype for frame in out['imgs'])
        assert np.array_equal(np.stack(out['imgs']), expected)

    def test_convention(self):
        results = video(clips=1)
        dark, light = (np.full((4, 6, 3), value, np.uint8) for value in (5, 250))
        results.update(imgs=[dark, light, dark], clip_len=3)
        out = to_residual(dict(results), signed=True)['imgs']
        assert [frame[0, 0, 0] for frame in out] == [245, -245]
        assert [frame[0, 0, 0] for frame in to_residual(dict(results))['imgs']] == [245, 245]

    def test_frames_are_left_alone(self):
        """Decoders hand out one array twice where a video ends too soon."""
        results = video()
        before = [frame.copy() for frame in results['imgs']]
        frames = list(results['imgs'])
        to_residual(results)
        assert all(np.array_equal(a, b) for a, b in zip(frames, before, strict=True))

    def test_views_of_frames(self):
        results = video()
        results['imgs'] = [frame[3:9, ::-1][:, 2:13] for frame in results['imgs']]
        expected = expected_of(results['imgs'])
        assert np.array_equal(np.stack(to_residual(results)['imgs']), expected)

    @pytest.mark.parametrize('signed', [False, True])
    def test_single_channel(self, signed):
        results = video()
        results['imgs'] = [frame[..., :1] for frame in results['imgs']]
        expected = expected_of(results['imgs'], signed)
        assert np.array_equal(np.stack(to_residual(results, signed)['imgs']), expected)

    def test_crops_are_rows_of_clips(self):
        results = ThreeCrop(12).transform(video(height=12, width=20))
        expected = expected_of(results['imgs'])
        out = to_residual(results)
        assert np.array_equal(np.stack(out['imgs']), expected)
        shaped = FormatShape('NCTHW').transform(out)['imgs']
        assert shaped.shape == (3 * CLIPS, 3, LENGTH - 1, 12, 12)

    @pytest.mark.parametrize(
        ('change', 'match'),
        [
            (lambda r: r.update(clip_len=1), 'clip_len: expected at least 2 .* got 1'),
            (lambda r: r['imgs'].pop(), 'imgs: expected clips of clip_len=5 frames, got 9'),
            (lambda r: r.update(imgs=[]), 'imgs: expected .* got 0'),
            (
                lambda r: r['imgs'].__setitem__(7, r['imgs'][0][:, :-1]),
                r'imgs: expected frames of one size, \(12, 20, 3\), got one of \(12, 19, 3\)',
            ),
            (
                lambda r: r['imgs'].__setitem__(7, r['imgs'][0].astype('f4')),
                r'imgs: expected uint8 frames .* got float32 \(12, 20, 3\)',
            ),
        ],
    )
    def test_exception(self, change, match):
        results = video()
        change(results)
        with pytest.raises(ValueError, match=match):
            to_residual(results)


def shape(results):
    return torch.from_numpy(FormatShape('NCTHW').transform(results)['imgs'])


def preprocess(clips, kind, **settings):
    cfg = dict(type=kind, std=[58.395, 57.12, 57.375], format_shape='NCTHW', **settings)
    data = dict(inputs=[clips, clips.flip(-1)], data_samples=[ActionDataSample()] * 2)
    return UPSTREAM.build(cfg)(data)['inputs']


class TestPreprocessor:
    @pytest.mark.parametrize('signed', [False, True])
    def test_three_ways_to_one_input(self, signed):
        """Transform, preprocessor and motion backbone show a network the same numbers."""
        frames, mean = shape(video()), [0.0, 0.0, 0.0]
        plain, own = 'mmaction.ActionDataPreprocessor', 'mmmotion.ResidualDataPreprocessor'
        first = preprocess(shape(to_residual(video(), signed)), plain, mean=mean)
        second = preprocess(frames, own, mean=mean, signed=signed)
        backbone = MODELS.build(
            dict(
                type='MotionBackbone',
                motion=dict(type='ResidualFrames', signed=signed),
                backbone=dict(type='mmmotion.ResNet3dPool'),
                clip_len=LENGTH,
            )
        )
        stacks = preprocess(frames, plain, mean=[123.675, 116.28, 103.53]).flatten(0, 1)
        third = backbone.represent(stacks).unflatten(0, (2, CLIPS))
        assert first.shape == (2, CLIPS, 3, LENGTH - 1, 12, 20)
        assert torch.equal(first, second)
        torch.testing.assert_close(third, first, rtol=0, atol=1e-6)

    def test_mean_is_of_the_residual(self):
        frames = shape(video())
        means = [1.0, 2.0, 3.0]
        out = preprocess(frames, 'mmmotion.ResidualDataPreprocessor', mean=means)
        residual = reference.residual_frames(frames.transpose(1, 2)).transpose(1, 2)
        mean, std = (torch.tensor(v)[:, None, None, None] for v in (means, [58.395, 57.12, 57.375]))
        torch.testing.assert_close(out[0], (residual - mean) / std)

    def test_without_normalisation(self):
        model = MODELS.build(dict(type='ResidualDataPreprocessor', to_rgb=True))
        frames = shape(video())
        data = dict(inputs=[frames], data_samples=[ActionDataSample()])
        out = model(data)['inputs']
        assert out.dtype == torch.float32
        residual = reference.residual_frames(frames.transpose(1, 2)).transpose(1, 2)
        assert torch.equal(out[0].long(), residual.flip(1))

    def test_exception(self):
        with pytest.raises(ValueError, match="format_shape: expected 'NCTHW', got 'NCHW'"):
            MODELS.build(dict(type='ResidualDataPreprocessor', format_shape='NCHW'))
