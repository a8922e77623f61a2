"""Flow in the pipeline: of a known motion, and in the form of files made beforehand."""

import cv2
import numpy as np
import pytest
from mmaction.registry import TRANSFORMS as UPSTREAM
from mmcv.transforms import Compose
from mmengine.registry import init_default_scope

import mmmotion  # noqa: F401
from mmmotion.datasets import ComputeFlow, RobustRawframeDataset, VideoError
from mmmotion.datasets.media import FLOW_METHODS, has_tvl1
from mmmotion.registry import TRANSFORMS


def moving(num_frames=3, dx=3, dy=-2, height=48, width=64):
    """Draw frames of a texture that moves by (dx, dy) a frame."""
    rng = np.random.default_rng(0)
    texture = rng.integers(256, size=(20, 24, 3), dtype=np.uint8)
    texture = cv2.resize(texture, (4 * width, 4 * height), interpolation=cv2.INTER_CUBIC)
    return [
        texture[height - dy * t :, width - dx * t :][:height, :width].copy()
        for t in range(num_frames)
    ]


def compute(frames, clip_len, **kwargs):
    return ComputeFlow(**kwargs)(dict(imgs=frames, clip_len=clip_len, num_clips=1))


class TestComputeFlow:
    @pytest.mark.parametrize('method', FLOW_METHODS)
    def test_known_motion(self, method):
        if method == 'tvl1' and not has_tvl1():
            pytest.skip('this OpenCV has no TV-L1')
        result = compute(moving(), 3, method=method, bound=10)
        assert [img.shape for img in result['imgs']] == [(48, 64, 2)] * 2
        for img in result['imgs']:
            assert img.dtype == np.uint8
            inside = img[12:-12, 12:-12].mean((0, 1)) / 127.5 * 10 - 10
            assert inside == pytest.approx([3, -2], abs=0.4)  # x, y
        assert (result['clip_len'], result['modality']) == (2, 'Flow')

    def test_no_motion_is_128(self):
        frames = [moving(1)[0]] * 2
        assert (np.stack(compute(frames, 2)['imgs']) == 128).all()

    def test_bound(self):
        images = compute(moving(2, dx=5, dy=0), 2, bound=2)['imgs']
        assert (images[0][12:-12, 12:-12, 0] == 255).mean() > 0.9

    def test_clips_are_apart(self):
        """No flow from the last frame of a clip to the first one of the next."""
        still = moving(1)[0]
        frames = [still, still, np.ascontiguousarray(still[:, ::-1])] * 2
        assert len(compute(frames, 3)['imgs']) == 4
        assert len(compute(frames[:2] * 2, 2)['imgs']) == 2

    def test_pipeline(self):
        """Flip inverts x, and FormatShape stacks x and y of a segment."""
        frames = moving()
        steps = [
            TRANSFORMS.build(dict(type='mmmotion.ComputeFlow', bound=10)),
            TRANSFORMS.build(dict(type='mmmotion.FlipFlow', flip_ratio=1)),
            UPSTREAM.build(dict(type='FormatShape', input_format='NCHW')),
        ]
        start = dict(imgs=frames, clip_len=3, num_clips=1, img_shape=(48, 64))
        inputs = Compose(steps)(start)['imgs']
        assert inputs.shape == (1, 4, 48, 64)
        means = inputs[0, :, 12:-12, 12:-12].mean((1, 2)) / 127.5 * 10 - 10
        assert means == pytest.approx([-3, -2, -3, -2], abs=0.4)

    def test_tvl1_missing(self, monkeypatch):
        monkeypatch.delattr(cv2, 'optflow', raising=False)
        with pytest.raises(
            ImportError, match="expected an OpenCV with 'tvl1', .*contrib.* without"
        ):
            ComputeFlow('tvl1')

    @pytest.mark.parametrize(
        ('kwargs', 'match'),
        [
            (dict(method='flownet'), "method: expected one of dis, farneback, tvl1, got 'flownet'"),
            (dict(bound=0), 'bound: expected more than 0 pixels, got 0'),
        ],
    )
    def test_settings(self, kwargs, match):
        with pytest.raises(ValueError, match=match):
            ComputeFlow(**kwargs)

    @pytest.mark.parametrize(
        ('frames', 'clip_len', 'match'),
        [
            (moving(1), 1, 'clip_len: expected at least 2 frames, got 1'),
            (moving(3), 2, 'imgs: expected clips of clip_len=2 frames, got 3'),
            ([np.zeros((4, 4, 3))] * 2, 2, r'expected uint8 frames .* got float64 \(4, 4, 3\)'),
        ],
    )
    def test_exception(self, frames, clip_len, match):
        with pytest.raises(ValueError, match=match):
            compute(frames, clip_len)


class TestFlipFlow:
    def test_values(self):
        flow = np.random.default_rng(0).integers(256, size=(4, 6, 2), dtype=np.uint8)
        flip = TRANSFORMS.build(dict(type='mmmotion.FlipFlow', flip_ratio=1))
        start = dict(imgs=[flow.copy(), flow.copy()], modality='Flow', img_shape=(4, 6))
        for img in flip(start)['imgs']:
            assert (img[..., 0] == 255 - flow[:, ::-1, 0]).all()
            assert (img[..., 1] == flow[:, ::-1, 1]).all()


class TestFilesOfFlow:
    """Pre-computed flow goes through MMAction2's decoder; a missing file is named."""

    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / 'video').mkdir()
        for number in range(1, 8):
            for axis, value in (('x', 100), ('y', 200)):
                image = np.full((20, 24), value + number, np.uint8)
                cv2.imwrite(str(tmp_path / f'video/{axis}_{number:05}.png'), image)
        (tmp_path / 'list.txt').write_text('video 7 0\n')
        return tmp_path

    def build(self, folder):
        init_default_scope('mmaction')
        pipeline = [
            dict(
                type='mmmotion.ConstantIntervalSampleFrames',
                num_clips=2,
                test_segments=3,
                clip_len=2,
                test_mode=True,
            ),
            dict(type='RawFrameDecode'),
            dict(type='FormatShape', input_format='NCHW'),
        ]
        return RobustRawframeDataset(
            ann_file=str(folder / 'list.txt'),
            data_prefix=dict(img=str(folder)),
            filename_tmpl='{}_{:05}.png',
            modality='Flow',
            pipeline=pipeline,
            test_mode=True,
        )

    def test_values(self, folder):
        inputs = self.build(folder)[0]['imgs']
        assert inputs.shape == (3, 4, 20, 24)
        assert inputs[:, :, 0, 0].tolist() == [
            [101 + t, 201 + t, 102 + t, 202 + t] for t in (0, 2, 4)
        ]

    def test_missing_file(self, folder):
        (folder / 'video/y_00003.png').unlink()
        with pytest.raises(VideoError, match='expected the 14 frames .* without y_00003.png'):
            self.build(folder)[0]
