"""Grad-CAM: networks that look where we know, and the demo on tiny recognisers."""

import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.image import imread
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from mmmotion.datasets.media import write_video
from mmmotion.registry import MODELS
from mmmotion.visualization import (
    GradCAM,
    clip_pictures,
    draw_heat_maps,
    last_map,
    match_frames,
    overlay,
    watch_maps,
)

SCRIPT = Path(__file__).parents[2] / 'demo/grad_cam.py'


class Colours(nn.Module):
    """Class 0 is red anywhere, class 1 green: maps of colour, pooled, compared."""

    def __init__(self, segments=1, dims=2):
        super().__init__()
        self.segments = segments
        self.maps = nn.AvgPool2d(4) if dims == 2 else nn.AvgPool3d((2, 4, 4))
        self.relu = nn.ReLU(inplace=True)
        self.weight = nn.Parameter(torch.tensor([[1.0, -1, 0], [-1, 1, 0]]))

    def forward(self, frames):
        pooled = self.relu(self.maps(frames)).flatten(2).mean(dim=2)
        return (pooled @ self.weight.T).unflatten(0, (-1, self.segments)).mean(dim=1)


class Head(nn.Module):
    """A network whose heat is known in closed form: it ends in a mean and a linear layer."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv
        self.fc = nn.Linear(conv.out_channels, 3)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(2).mean(dim=2))


def frames_with_squares(height=16, width=24):
    """Red in the upper left corner, green in the lower right."""
    frames = torch.zeros(1, 3, height, width)
    frames[:, 0, :8, :8] = 1
    frames[:, 1, -8:, -8:] = 1
    return frames


class TestHeat:
    @pytest.mark.parametrize(('target', 'first'), [(0, True), (1, False)])
    def test_is_where_the_class_is(self, target, first):
        frames = frames_with_squares()
        heat = GradCAM(Colours(), 'maps')(frames, target)
        assert heat.shape == (1, 16, 24)
        corner = heat[0, :4, :4] if first else heat[0, -4:, -4:]
        np.testing.assert_allclose(corner, 1, rtol=1e-5)
        assert heat.max() == 1
        other_half = heat[0, :, 12:] if first else heat[0, :, :12]
        assert other_half.max() == 0

    @pytest.mark.parametrize('conv', [nn.Conv2d(3, 4, 3), nn.Conv3d(3, 4, 3)])
    def test_reference(self, conv):
        """Of a mean and a linear layer, the heat is their weights on the maps (CAM)."""
        torch.manual_seed(0)
        model = Head(conv)
        x = torch.randn(2, 3, 6, 7, 8)[..., : 7 if conv.weight.dim() == 4 else 8]
        x = x[:, :, 0] if conv.weight.dim() == 4 else x
        maps = conv(x).detach()
        expected = sum(model.fc.weight[2, c].item() * maps[:, c] for c in range(4)).clamp(min=0)
        mode = 'bilinear' if x.dim() == 4 else 'trilinear'
        expected = F.interpolate(expected[:, None], size=x.shape[2:], mode=mode)[:, 0]
        expected = torch.stack([clip / clip.max() for clip in expected])
        torch.testing.assert_close(GradCAM(model, 'conv')(x, 2), expected)

    def test_default_is_each_clips_best_class(self):
        red, green = torch.zeros(2, 1, 3, 16, 16).unbind()
        red[:, 0, :8], green[:, 1, 8:] = 1, 1
        cam = GradCAM(Colours(), 'maps')
        both = torch.cat([red, green])
        torch.testing.assert_close(cam(both), cam(both, torch.tensor([0, 1])))
        assert (cam(both, 0)[1] == 0).all()

    def test_segments_share_a_scale(self):
        frames = torch.zeros(8, 3, 16, 16)
        frames[1, 0, :8, :8] = 1.0
        frames[2, 0, 8:, 8:] = 0.5
        heat = GradCAM(Colours(segments=4), 'maps')(frames, 0)
        peaks = heat.flatten(1).amax(dim=1)
        torch.testing.assert_close(peaks, torch.tensor([0.0, 1, 0.5, 0, 0, 0, 0, 0]))

    def test_over_time(self):
        clip = torch.zeros(1, 3, 8, 16, 24)
        clip[:, 0, 4:6, :8, -8:] = 1
        heat = GradCAM(Colours(dims=3), 'maps')(clip, 0)
        assert heat.shape == (1, 8, 16, 24)
        assert heat[0, 4:6].amin(dim=0)[:4, -4:].min() > 0.7
        assert heat[0, :3].max() == 0
        assert heat[0, :, :, :12].max() == 0

    def test_asked_size(self):
        heat = GradCAM(Colours(), 'maps')(frames_with_squares(), 0, size=(3, 32, 48))
        assert heat.shape == (1, 32, 48)

    def test_nothing_to_see(self):
        for frames in (torch.zeros(1, 3, 16, 16), torch.full((1, 3, 16, 16), 0.5)):
            heat = GradCAM(Colours(), 'maps')(frames, 0)
            assert torch.isfinite(heat).all()
        assert (GradCAM(Colours(), 'maps')(torch.zeros(1, 3, 16, 16)) == 0).all()

    def test_frozen_layers_and_what_works_in_place(self):
        model = Head(nn.Conv2d(3, 4, 3))
        x = torch.randn(1, 3, 8, 8)
        expected = GradCAM(model, 'conv')(x, 0)
        with torch.no_grad():
            torch.testing.assert_close(GradCAM(model.requires_grad_(False), 'conv')(x, 0), expected)
        assert not model.conv._forward_hooks

    def test_exception(self):
        model = Head(nn.Conv2d(3, 4, 3))
        model.unused = nn.Conv2d(3, 4, 3)
        x = torch.randn(1, 3, 8, 8)
        with pytest.raises(ValueError, match=r'of Head, got convv; did you mean conv\?$'):
            GradCAM(model, 'convv')
        with pytest.raises(ValueError, match=r'got fc, which puts out \(1, 3\)$'):
            GradCAM(model, 'fc')(x, 0)
        with pytest.raises(ValueError, match='^layer: expected one that runs, got unused'):
            GradCAM(model, 'unused')(x, 0)
        blind = GradCAM(model, 'unused', score=lambda x: model(model.unused(x)[:, :3] * 0 + 1))
        assert (blind(x, 0) == 0).all()
        apart = GradCAM(model, 'unused', score=lambda x: [model(x), model.unused(x)][0])
        with pytest.raises(ValueError, match='one that the score is made from, got unused'):
            apart(x, 0)


class TestLastMap:
    def test_order_and_pixels(self):
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1))
        with watch_maps(model) as maps:
            scores = model(torch.zeros(1, 3, 6, 6)).flatten(1)
        shapes = {name: tuple(out.shape) for name, out in maps.items()}
        assert shapes == {'0': (1, 4, 4, 4), '1': (1, 4, 2, 2), '2': (1, 4, 1, 1), '': (1, 4, 1, 1)}
        assert last_map(maps, scores) == '1'
        assert not any(module._forward_hooks for module in model.modules())

    def test_maps_without_a_part_in_the_score(self):
        model = nn.ModuleDict(dict(seen=nn.Conv2d(3, 4, 3), frozen=nn.Conv2d(3, 4, 3)))
        x = torch.zeros(1, 3, 6, 6)
        with watch_maps(model) as maps:
            scores = model.seen(x).mean((2, 3))
            with torch.no_grad():
                model.frozen(x)
        assert list(maps) == ['seen', 'frozen']
        assert last_map(maps, scores) == 'seen'

    def test_none(self):
        with pytest.raises(ValueError, match='^layer: expected one with maps of several pixels'):
            last_map({'pool': torch.zeros(1, 4, 1, 1)}, torch.zeros(1, 4))


class TestFrames:
    @pytest.mark.parametrize(('shape', 'num_maps', 'expected'), [
        ((4, 3, 5, 6), 4, [0, 1, 2, 3]),
        ((2, 3, 4, 5, 6), 2, [0, 4]),
        ((2, 3, 2, 5, 6), 4, [0, 1, 2, 3]),
        ((2, 3, 5, 5, 6), 8, [0, 1, 2, 3, 5, 6, 7, 8]),  # of pairs of frames
        ((4, 3, 5, 6), 3, [0, 1, 2]),
    ])  # fmt: skip
    def test_the_first_of_a_stack_or_each(self, shape, num_maps, expected):
        frames = torch.arange(shape[0] * (shape[2] if len(shape) == 5 else 1))
        clips = frames.reshape(shape[0], 1, -1, 1, 1).expand(-1, 3, -1, 5, 6).to(torch.uint8)
        clips = clips.reshape(shape)
        assert match_frames(clips, num_maps).tolist() == expected
        pictures = clip_pictures(clips)
        assert pictures.shape == (len(frames), 5, 6, 3)
        assert pictures[:, 0, 0, 0].tolist() == frames.tolist()

    def test_exception(self):
        with pytest.raises(ValueError, match=r'clips: expected RGB .* got \(4, 1, 5, 6\)'):
            clip_pictures(torch.zeros(4, 1, 5, 6))
        with pytest.raises(
            ValueError, match='num_maps: expected up to 4 for each of 1 clips, got 5'
        ):
            match_frames(torch.zeros(4, 3, 5, 6), 5)

    def test_overlay(self):
        frames = np.full((1, 2, 2, 3), 100, np.uint8)
        heat = np.array([[[0.0, 1.0], [0.0, 0.5]]])
        coloured = overlay(frames, heat)
        assert (coloured[0, :, 0] == 100).all()
        red, _, blue = coloured[0, 0, 1].tolist()
        assert red > blue

    def test_picture(self, tmp_path):
        heat = np.zeros((20, 32, 48))
        heat[..., 24:] = 1
        frames = np.full((20, 32, 48, 3), 255, np.uint8)
        draw_heat_maps(frames, heat, num=3, path=tmp_path / 'new/cam.png', title='title')
        assert imread(tmp_path / 'new/cam.png').shape[1] > 400
        assert len(list((tmp_path / 'new').iterdir())) == 1
        with pytest.raises(ValueError, match='^num: expected at least 1 frame, got 0$'):
            draw_heat_maps(frames, heat, num=0, path=tmp_path / 'never.png', title='')
        with pytest.raises(ValueError, match=r'^heat: expected \(20, 32, 48\), as of the frames'):
            draw_heat_maps(frames, heat[:5], path=tmp_path / 'never.png', title='')


RESNET = dict(type='ResNetTSM', depth=18, pretrained=None, num_segments=4)
HEAD = dict(type='TSMHead', num_classes=3, in_channels=512, num_segments=4)
MOTION = dict(
    type='mmmotion.MotionBackbone',
    motion=dict(type='mmmotion.PersistenceOfAppearance'),
    backbone=RESNET,
)
PREPROCESSOR = dict(type='ActionDataPreprocessor', mean=[99], std=[50], format_shape='NCTHW')
BRANCHES = dict(
    type='mmmotion.BranchRecognizer',
    branches=dict(
        rgb=dict(
            type='Recognizer2D',
            backbone=RESNET,
            cls_head=HEAD,
            sees=dict(type='mmmotion.PickFrame'),
        ),
        pa=dict(type='Recognizer2D', backbone=MOTION, cls_head=HEAD),
    ),
    data_preprocessor=PREPROCESSOR,
)
R3D = dict(
    type='Recognizer3D',
    backbone=dict(type='ResNet3d', depth=18, pretrained=None, base_channels=8),
    cls_head=dict(type='I3DHead', num_classes=3, in_channels=64),
    data_preprocessor=PREPROCESSOR,
)
TSM = dict(
    type='Recognizer2D',
    backbone=RESNET,
    cls_head=HEAD,
    data_preprocessor=dict(PREPROCESSOR, format_shape='NCHW'),
)


def pipeline(sampler, layout):
    return [
        dict(type='DecordInit'),
        sampler,
        dict(type='DecordDecode'),
        dict(type='FormatShape', input_format=layout),
        dict(type='PackActionInputs'),
    ]


STACKS = pipeline(dict(type='mmmotion.StackedSampleFrames', num_clips=4, clip_len=4,
                       test_mode=True), 'NCTHW')  # fmt: skip
CLIP = pipeline(dict(type='SampleFrames', clip_len=8, num_clips=2, test_mode=True), 'NCTHW')
SINGLE = pipeline(dict(type='SampleFrames', clip_len=1, num_clips=4, test_mode=True), 'NCHW')


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    """A video of noise, and one in which nothing happens."""
    root = tmp_path_factory.mktemp('videos')
    noise = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), np.uint8)
    write_video(root / 'noise.mp4', noise, fps=8)
    write_video(root / 'static.mp4', np.full_like(noise, 99), fps=8)
    return root


@pytest.fixture
def demo(monkeypatch, capsys, tmp_path, videos):
    def demo(model, test_pipeline, *arguments, video='noise'):
        torch.manual_seed(0)
        with DefaultScope.overwrite_default_scope('mmaction'):
            weights = MODELS.build(model).state_dict()
        meta = dict(dataset_meta=dict(classes=['clap', 'run', 'yoga']))
        torch.save(dict(state_dict=weights, meta=meta), tmp_path / 'm.pth')
        cfg = dict(model=model, test_pipeline=test_pipeline, default_scope='mmaction')
        Config(cfg).dump(tmp_path / 'c.py')
        files = [videos / f'{video}.mp4', '--config', tmp_path / 'c.py', '--checkpoint']
        arguments = [SCRIPT, *files, tmp_path / 'm.pth', *arguments]
        monkeypatch.setattr(sys, 'argv', list(map(str, arguments)))
        runpy.run_path(str(SCRIPT), run_name='__main__')
        return capsys.readouterr().out

    return demo


class TestDemo:
    def test_3d(self, demo, tmp_path):
        outs = tmp_path / 'cam.png', tmp_path / 'cam.mp4'
        printed = demo(R3D, CLIP, '--class', 'yoga', '--out', *outs)
        assert 'yoga (' in printed
        assert 'seen by backbone' in printed
        assert outs[0].exists()
        capture = cv2.VideoCapture(str(outs[1]))
        assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 16  # two clips of 8
        assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 2 * 64 * 4  # enlarged: 48 pixels high

    @pytest.mark.parametrize('video', ['noise', 'static'])
    def test_motion_in_front_of_a_branch(self, demo, tmp_path, video):
        out = tmp_path / 'cam.mp4'
        with np.errstate(all='raise'):
            printed = demo(BRANCHES, STACKS, '--branch', 'pa', '--out', out, video=video)
        assert 'nan' not in printed
        assert 'seen by pa.backbone' in printed
        assert cv2.VideoCapture(str(out)).get(cv2.CAP_PROP_FRAME_COUNT) == 4

    def test_branch_with_a_view(self, demo, tmp_path):
        layer = 'backbone.layer3'
        out = tmp_path / 'cam.png'
        printed = demo(BRANCHES, STACKS, '--branch', 'rgb', '--layer', layer, '--out', out)
        assert 'seen by rgb.backbone.layer3' in printed

    def test_segments_and_list_of_layers(self, demo):
        layers = dict(line.split('  ') for line in demo(TSM, SINGLE, '--list-layers').splitlines()
                      if line.startswith('backbone'))  # fmt: skip
        assert layers['backbone.layer3'] == '(4, 256, 3, 4)'
        assert list(layers)[-1] == 'backbone'

    @pytest.mark.parametrize(('arguments', 'sentence'), [
        (['--class', 'yogi'], 'class: expected a name or an index of 0 to 2, got yogi; did you me'),
        (['--class', '3'], 'class: expected a name or an index of 0 to 2, got 3'),
        (['--layer', 'backbone.layr4'], 'got backbone.layr4; did you mean backbone.layer4'),
        (['--branch', 'rgb'], 'branch: expected none, as the model has none, got rgb'),
        (['--out', 'cam.gif'], '--out: expected a .png or an .mp4 file, got cam.gif'),
    ])  # fmt: skip
    def test_one_sentence(self, demo, capsys, arguments, sentence):
        with pytest.raises(SystemExit):
            demo(R3D, CLIP, *arguments)
        assert sentence in capsys.readouterr().err
