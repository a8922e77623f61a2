"""Weights that a config names arrive, whatever the way, or nothing is trained."""

import pytest
import timm
import torch
import torchvision
from mmaction.models import ResNet
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmmotion.checkpoints import check_arrival, check_sources, check_state_dict, find_arrived

PA = dict(type='mmmotion.PersistenceOfAppearance')
RESNET18 = 'torchvision://resnet18'


@pytest.fixture(scope='module', autouse=True)
def resnet18(in_weight_cache):
    """The stand-in for torchvision's file."""
    init_default_scope('mmaction')
    in_weight_cache.provide(Config(dict(pretrained=RESNET18)))
    return torch.load('hub/checkpoints/resnet18-f37072fd.pth')


def recognizer(backbone, kind='Recognizer2D', head='TSNHead', **kwargs):
    head = dict(type=head, num_classes=5, in_channels=512)
    return MODELS.build(dict(type=kind, backbone=backbone, cls_head=head, **kwargs))


def with_motion(backbone, **kwargs):
    return dict(type='mmmotion.MotionBackbone', motion=PA, backbone=backbone, **kwargs)


def resnet(**kwargs):
    return dict(type='ResNet', depth=18, norm_eval=False, **kwargs)


WAYS = dict(
    pretrained=lambda: resnet(pretrained=RESNET18),
    tsm=lambda: dict(type='ResNetTSM', depth=18, num_segments=8, pretrained=RESNET18),
    mmpretrain=lambda: dict(
        type='mmpretrain.ResNet',
        depth=18,
        out_indices=(3,),
        init_cfg=dict(type='Pretrained', checkpoint=RESNET18),
    ),
)


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('with_rgb', [True, False], ids=['rgb+pa', 'pa'])
def test_behind_motion(way, with_rgb, resnet18):
    """RGB keeps its kernels, a map starts as their mean, all else is the file's."""
    model = recognizer(with_motion(WAYS[way](), with_rgb=with_rgb, clip_len=5))
    parameters = dict(model.named_parameters())
    model.init_weights()
    assert all(parameters[name] is p for name, p in model.named_parameters())
    network = model.backbone.backbone
    assert find_arrived(network, resnet18) == (1.0, [])
    conv = next(m for m in network.modules() if isinstance(m, torch.nn.Conv2d))
    rgb = resnet18['conv1.weight']
    mean = rgb.mean(1, keepdim=True).expand(-1, 4, -1, -1)
    expected = torch.cat([rgb, mean], 1) if with_rgb else mean
    torch.testing.assert_close(conv.weight.detach(), expected)


@pytest.mark.parametrize('with_rgb', [True, False], ids=['rgb+pa', 'pa'])
def test_a_second_time_changes_nothing(with_rgb):
    model = recognizer(with_motion(resnet(pretrained=RESNET18), with_rgb=with_rgb))
    model.init_weights()
    before = {key: value.clone() for key, value in model.backbone.state_dict().items()}
    model.backbone.init_weights()
    assert all(torch.equal(before[k], v) for k, v in model.backbone.state_dict().items())


def test_backbone_that_loads_in_its_constructor(in_weight_cache):
    """TANet does, and its ``init_weights`` is empty."""
    in_weight_cache.provide(Config(dict(pretrained='torchvision://resnet50')))
    backbone = dict(
        type='TANet', depth=50, num_segments=8, tam_cfg={}, pretrained='torchvision://resnet50'
    )
    model = recognizer(with_motion(backbone, with_rgb=True))
    model.init_weights()
    public = torch.load('hub/checkpoints/resnet50-0676ba61.pth')
    share, others = find_arrived(model.backbone.backbone, public)
    assert share > 0.8
    assert all('.tam.' in name for name in others)


class TestCheckArrival:
    def test_nothing_matches(self, tmp_path):
        """MMEngine warns, and would train a random network."""
        path = tmp_path / 'other.pth'
        torch.save({'module.a.weight': torch.rand(4, 4)}, path)
        model = recognizer(resnet(init_cfg=dict(type='Pretrained', checkpoint=str(path))))
        model.init_weights()
        with pytest.raises(
            ValueError, match=r'backbone.pretrained: expected .* ResNet, got .* 0.0%'
        ):
            check_arrival(model)

    def test_another_depth(self, in_weight_cache):
        """Seen before the weights are loaded, where MMAction2 ends in a KeyError."""
        in_weight_cache.provide(Config(dict(pretrained='torchvision://resnet34')))
        model = recognizer(dict(type='ResNet', depth=50, pretrained='torchvision://resnet34'))
        with pytest.raises(
            ValueError, match=r'resnet34, which holds 48.9% of its kernels, but not layer1'
        ):
            check_sources(model)

    @pytest.mark.parametrize(('content', 'said'), [(None, 'a file, got'), (b'PK\3\4cut', 'whole')])
    def test_missing_and_torn(self, tmp_path, content, said):
        path = tmp_path / 'weights.pth'
        if content is not None:
            path.write_bytes(content)
        model = recognizer(with_motion(resnet(pretrained=str(path))))
        with pytest.raises((FileNotFoundError, ValueError), match=f'pretrained: expected .*{said}'):
            check_sources(model)

    def test_inflated_to_3d(self):
        backbone = dict(
            type='ResNet3d',
            depth=18,
            conv1_kernel=(3, 7, 7),
            pretrained=RESNET18,
            pretrained2d=True,
        )
        model = recognizer(backbone, 'Recognizer3D', 'I3DHead')
        model.init_weights()
        check_arrival(model)


class TestBareCheckpoints:
    """A checkpoint of a recogniser of upstream's fills our wrappers around the same backbone."""

    def test_timm(self):
        bare = timm.create_model('resnet18', num_classes=0).state_dict()
        weights = {f'backbone.{key}': value for key, value in bare.items()}
        backbone = dict(type='timm.resnet18')
        plugged = dict(type='mmmotion.PluggedBackbone', backbone=backbone, plugins=[])
        for wrapper in (with_motion(backbone), plugged):
            model = recognizer(wrapper).backbone
            left_out = check_state_dict(model, bare, strict=False)
            assert [key for key in left_out if not key.startswith('motion.')] == []
            recognizer(wrapper).load_state_dict(weights, strict=False)

    def test_frames_and_maps(self):
        bare = ResNet(depth=18).state_dict()
        frames = dict(type='mmmotion.FrameBackbone', backbone=resnet(), pool_after=('layer1',))
        maps = dict(type='mmmotion.MapBackbone', backbone=resnet(), in_channels=14)
        for wrapper in (frames, maps):
            assert check_state_dict(MODELS.build(wrapper), bare, strict=False) == []


def test_torchvision_serves_the_names_of_the_stand_ins():
    """The cache holds what torchvision publishes."""
    assert (
        torchvision.models.resnet18().state_dict().keys()
        == torch.load('hub/checkpoints/resnet18-f37072fd.pth').keys()
    )
