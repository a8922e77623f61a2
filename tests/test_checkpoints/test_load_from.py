"""``load_from`` and ``checkpoints``: each wrapper starts from the file of a recogniser, as a runner
starts it, or nothing is trained.
"""

from copy import deepcopy

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmmotion.checkpoints import check_state_dict, read_checkpoint
from mmmotion.models.wrappers.first_conv import find_first_conv, fit_kernels

STAGES = dict(depth=18, num_stages=2, out_indices=(1,), strides=(1, 2), dilations=(1, 1))
RESNET = dict(type='ResNet', norm_eval=False, **STAGES)
UNTRAINED = dict(pretrained=None, pretrained2d=False)
TSM = dict(type='ResNetTSM', depth=18, num_segments=4, **UNTRAINED)
R3D = dict(
    type='ResNet3d',
    conv1_kernel=(3, 7, 7),
    temporal_strides=(1, 1),
    spatial_strides=(1, 2),
    **UNTRAINED,
    depth=18,
    num_stages=2,
    out_indices=(1,),
    dilations=(1, 1),
    inflate=(1, 1),
)
TIMM = dict(type='timm.resnet18')
BN_INCEPTION = dict(type='mmmotion.BNInception')
PA = dict(type='mmmotion.PersistenceOfAppearance')
FLOW = dict(type='mmmotion.RepFlowBlock', channels=4, flow=dict(num_iters=1), last_frame='repeat')


def recognizer(backbone, num_classes=5):
    """Return the config of a recogniser; nothing runs through it."""
    head = dict(type='TSNHead', num_classes=num_classes, in_channels=128)
    return dict(type='Recognizer2D', backbone=dict(backbone), cls_head=head)


def motion(backbone, **kwargs):
    return dict(type='mmmotion.MotionBackbone', motion=PA, backbone=backbone, **kwargs)


def plugged(backbone, after='layer2', **kwargs):
    plugin = dict(after=after, module=FLOW)
    return dict(type='mmmotion.PluggedBackbone', backbone=backbone, plugins=[plugin], **kwargs)


def frames(backbone, **kwargs):
    return dict(type='mmmotion.FrameBackbone', backbone=backbone, pool_after=(), **kwargs)


def maps(backbone):
    return dict(type='mmmotion.MapBackbone', backbone=backbone, in_channels=14)


def off(backbone):
    head = dict(type='mmmotion.OFFHead', num_classes=5)
    level = dict(width=8, kernel_size=3, num_blocks=1)
    neck = dict(type='mmmotion.OFFSubnetwork', levels=[level] * 2)
    return dict(
        type='mmmotion.OFFRecognizer',
        backbone=backbone,
        neck=neck,
        cls_head=head,
        features=['layer1', 'layer2'],
        frozen=False,
    )


def branches(stem=None, **backbones):
    cfg = dict(
        type='mmmotion.BranchRecognizer',
        branches={name: recognizer(backbone) for name, backbone in backbones.items()},
    )
    return dict(cfg, stem=dict(type='mmmotion.DynamicsStem', backbone=stem)) if stem else cfg


CONV_STEM = dict(type='mmmotion.ConvStem')
INCEPTION_STEM = dict(BN_INCEPTION, out_indices=('conv1',))
# The network of the file; the wrapper; where the network is in it, and whether its first
# convolution sees RGB before all else.
CASES = dict(
    rgb_and_motion=(RESNET, recognizer(motion(RESNET, with_rgb=True)), {'backbone.backbone': True}),
    motion=(RESNET, recognizer(motion(RESNET, clip_len=5)), {'backbone.backbone': False}),
    motion_of_tsm=(TSM, recognizer(motion(TSM)), {'backbone.backbone': False}),
    motion_3d=(R3D, recognizer(motion(R3D)), {'backbone.backbone': False}),
    timm=(TIMM, recognizer(motion(TIMM)), {'backbone.backbone.network': False}),
    plugged=(RESNET, recognizer(plugged(RESNET)), {'backbone.backbone': True}),
    plugged_timm=(
        TIMM,
        recognizer(plugged(TIMM, after='network.layer2', num_frames=4)),
        {'backbone.backbone.network': True},
    ),
    plugged_motion=(
        RESNET,
        recognizer(plugged(motion(RESNET), after='backbone.layer2', num_frames=4)),
        {'backbone.backbone.backbone': False},
    ),
    frames=(RESNET, recognizer(frames(RESNET)), {'backbone.backbone': True}),
    maps=(RESNET, recognizer(maps(RESNET)), {'backbone.backbone': False}),
    off=(RESNET, off(RESNET), {'backbone': True}),
    branches=(
        RESNET,
        branches(rgb=RESNET, pa=motion(RESNET), lite=motion(RESNET, with_rgb=True)),
        {
            'branches.rgb.backbone': True,
            'branches.pa.backbone.backbone': False,
            'branches.lite.backbone.backbone': True,
        },
    ),
    stem=(
        RESNET,
        branches(CONV_STEM, static=frames(RESNET), motion=maps(RESNET)),
        {
            'stem.backbone': True,
            'branches.static.backbone.backbone': True,
            'branches.motion.backbone.backbone': False,
        },
    ),
    stem_of_inception=(
        BN_INCEPTION,
        branches(INCEPTION_STEM, static=frames(BN_INCEPTION), motion=maps(BN_INCEPTION)),
        {
            'stem.backbone': True,
            'branches.static.backbone.backbone': True,
            'branches.motion.backbone.backbone': False,
        },
    ),
)
RENAMED = {'conv1.conv.': 'conv1.', 'conv1.bn.': 'bn1.'}  # of MMAction2's ResNet, in a ConvStem
OTHER = dict(RESNET, depth=50)


def random_weights(cfg):
    """Return weights of a model that no initialiser gives."""
    init_default_scope('mmaction')
    model = MODELS.build(deepcopy(cfg))
    generator = torch.Generator().manual_seed(3)
    return {
        key: torch.rand(value.shape, generator=generator) if value.is_floating_point() else value
        for key, value in model.state_dict().items()
    }


@pytest.fixture(scope='module')
def upstream(tmp_path_factory):
    """Save a recogniser of a network, once; return its weights and its file."""
    folder = tmp_path_factory.mktemp('upstream')
    known = {}

    def upstream(network, num_classes=5):
        name = f'{num_classes}_{network["type"]}_{network.get("depth")}'
        if name not in known:
            known[name] = random_weights(recognizer(network, num_classes))
            torch.save(dict(meta={}, state_dict=known[name]), folder / name)
        return known[name], str(folder / name)

    return upstream


@pytest.fixture
def start(tmp_path, caplog):
    """Start a training of no epoch as a runner does; return its model and what was logged."""

    def start(model, **kwargs):
        runner = Runner(
            model=deepcopy(model),
            work_dir=str(tmp_path / 'work'),
            train_dataloader=DataLoader([0]),
            train_cfg=dict(by_epoch=True, max_epochs=0),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
            custom_hooks=[dict(type='mmmotion.CheckpointMatchHook')],
            default_scope='mmaction',
            experiment_name=f'{tmp_path.name}_{len(kwargs)}',
            **kwargs,
        )
        model = runner.train()
        (log,) = tmp_path.glob('work/*/*.log')
        return model, log.read_text()

    return start


def assert_arrived(model, weights, places):
    """The file's values are in the networks, first convolutions fitted to what they see."""
    given = {key.removeprefix('backbone.'): value for key, value in weights.items()}
    for place, keep_rgb in places.items():
        network = model.get_submodule(place)
        first = find_first_conv(network).weight
        for key, value in network.state_dict(keep_vars=True).items():
            theirs = key
            if type(network).__name__ == 'ConvStem':
                theirs = {ours: k for k, ours in RENAMED.items()}[f'{key.split(".")[0]}.']
                theirs += key.split('.')[1]
            expected = given[theirs]
            if value is first:
                expected = fit_kernels(expected, value.shape[1], keep_rgb=keep_rgb)
            assert torch.equal(value, expected), f'{place}.{key}'


@pytest.mark.parametrize(('network', 'wrapper', 'places'), CASES.values(), ids=CASES)
class TestLoadFrom:
    def test_recogniser_of_upstreams(self, start, upstream, network, wrapper, places):
        weights, path = upstream(network)
        model, log = start(wrapper, load_from=path)
        assert_arrived(model, weights, places)
        for head in (m for n, m in model.named_modules() if n.endswith('fc_cls')):
            assert torch.equal(head.weight, weights['cls_head.fc_cls.weight'])
        for place in places:
            assert f' 100.0% of {place}' in log
        with pytest.raises(ValueError, match='checkpoint: expected the .* lacks'):
            check_state_dict(model, weights, strict=True)  # a test is of the whole model

    def test_own_checkpoint(self, start, network, wrapper, places, tmp_path):
        weights = random_weights(wrapper)
        torch.save(dict(meta={}, state_dict=weights), tmp_path / 'own.pth')
        model, _ = start(wrapper, load_from=str(tmp_path / 'own.pth'))
        assert all(torch.equal(value, weights[key]) for key, value in model.state_dict().items())
        check_state_dict(model, weights, strict=True)

    def test_of_another_network(self, upstream, network, wrapper, places):
        weights, _ = upstream(OTHER)
        init_default_scope('mmaction')
        model = MODELS.build(deepcopy(wrapper))
        match = r'load_from: expected the kernels of (.*), a \w+, got \d+\.\d% of them, without \1'
        with pytest.raises(ValueError, match=match):
            check_state_dict(model, weights, strict=False, name='load_from')


class TestOtherClasses:
    """The classifier is left out, and the log says so, whatever the wrapper."""

    @pytest.mark.parametrize('case', ['motion', 'branches'])
    def test_load_from(self, start, upstream, case):
        network, wrapper, places = CASES[case]
        weights, path = upstream(network, num_classes=7)
        model, log = start(wrapper, load_from=path)
        assert_arrived(model, weights, places)
        (said,) = [line for line in log.splitlines() if 'weights stay as initialised' in line]
        assert all(name in said for name, _ in model.named_parameters() if 'fc_cls' in name)

    def test_checkpoints(self, start, upstream):
        weights, path = upstream(RESNET, num_classes=7)
        cfg = branches(rgb=RESNET, pa=motion(RESNET))
        cfg['branches']['pa']['load_from'] = path
        model, log = start(cfg)
        assert_arrived(model, weights, {'branches.pa.backbone.backbone': False})
        assert (
            'branches.pa.load_from fills 100.0% of backbone.backbone; 4 weights stay as init' in log
        )


class TestFrozen:
    """A network that never trains, OFF's of stage 1, has been trained before."""

    def test_never(self, start):
        """An ablation, or a mistake."""
        _, log = start(dict(off(RESNET), frozen=True))
        assert 'WARNING - model.checkpoint: none is given, nor load_from, so what is fro' in log

    @pytest.mark.parametrize('option', ['load_from', 'checkpoint'])
    def test_before(self, start, upstream, option):
        weights, path = upstream(RESNET)
        cfg = dict(off(RESNET), frozen=True)
        given = dict(load_from=path) if option == 'load_from' else {}
        model, log = start(cfg if given else dict(cfg, checkpoint=path), **given)
        assert 'stays as it is initialised' not in log
        assert_arrived(model, weights, {'backbone': True})
        assert torch.equal(model.cls_head.fc_cls.weight, weights['cls_head.fc_cls.weight'])

    def test_on_other_classes(self, start, upstream):
        _, path = upstream(RESNET, num_classes=7)
        match = 'load_from: expected weights for all that is frozen, got none for cls_head.fc_cls'
        with pytest.raises(ValueError, match=match):
            start(dict(off(RESNET), frozen=True), load_from=path)


class TestCheckpoints:
    """A branch starts from a recogniser's file."""

    @pytest.mark.parametrize('pretrained', [False, True])
    def test_of_its_network_on_rgb(self, start, upstream, in_weight_cache, pretrained):
        """Over the weights of ImageNet, too, that the network had before."""
        weights, path = upstream(RESNET)
        network = dict(RESNET)
        if pretrained:
            in_weight_cache.provide(Config(dict(pretrained='torchvision://resnet18')))
            network['pretrained'] = 'torchvision://resnet18'
        cfg = branches(rgb=network, pa=motion(network))
        for branch in cfg['branches'].values():
            branch['load_from'] = path
        model, _ = start(cfg)
        assert_arrived(
            model,
            weights,
            {'branches.rgb.backbone': True, 'branches.pa.backbone.backbone': False},
        )

    def test_of_another_network(self, start, upstream):
        cfg = branches(pa=motion(RESNET))
        cfg['branches']['pa']['load_from'] = upstream(OTHER)[1]
        with pytest.raises(
            ValueError, match=r'branches.pa.load_from: expected the kernels of backbone\.'
        ):
            start(cfg)


def broken(kind, path):
    """Write what is left of a file of weights, or what else may have its name."""
    torch.save(dict(state_dict=dict(weight=torch.rand(400, 400))), path)
    whole = path.read_bytes()
    torch.save([1], path, _use_new_zipfile_serialization=False)
    old = path.read_bytes()
    contents = dict(
        empty=b'',
        text=b'<html>404</html>',
        cut=whole[: len(whole) // 2],
        old_format=old[: len(old) // 2],
    )
    if kind == 'missing':
        path.unlink()
    elif kind in contents:
        path.write_bytes(contents[kind])
    else:
        torch.save(
            dict(list=[1, 2], tensor=torch.zeros(2), nothing=dict(state_dict=None))[kind], path
        )


KINDS = ['missing', 'empty', 'text', 'cut', 'old_format', 'list', 'tensor', 'nothing']


@pytest.mark.parametrize('kind', KINDS)
class TestBrokenFiles:
    """One sentence that names the option, and nothing is trained."""

    def test_read(self, kind, tmp_path):
        path = tmp_path / 'weights.pth'
        broken(kind, path)
        with pytest.raises((ValueError, FileNotFoundError), match='load_from: expected a'):
            read_checkpoint(str(path), name='load_from')


@pytest.mark.parametrize('option', ['load_from', 'pretrained', 'branches.pa.load_from'])
def test_broken_file_starts_nothing(start, tmp_path, option):
    """Whichever option names it."""
    path = tmp_path / 'weights.pth'
    broken('old_format', path)
    network, kwargs = dict(RESNET), {}
    if option == 'pretrained':
        network['pretrained'] = str(path)
    cfg = branches(pa=motion(network))
    if option == 'branches.pa.load_from':
        cfg['branches']['pa']['load_from'] = str(path)
    if option == 'load_from':
        kwargs['load_from'] = str(path)
    with pytest.raises(ValueError, match=rf'{option}.*: expected a whole PyTorch checkpoint, got'):
        start(cfg, **kwargs)


class TestDeeperNetwork:
    """A file of more blocks holds all kernels of the network, and is another's."""

    @pytest.mark.parametrize('strict', [True, False])
    def test_refused(self, strict):
        init_default_scope('mmaction')
        deeper = random_weights(recognizer(dict(RESNET, depth=34)))
        model = MODELS.build(recognizer(RESNET))
        match = r'got 100.0% of them, beside 6 of another network, such as backbone.layer1.2.conv1'
        with pytest.raises(ValueError, match=match):
            check_state_dict(model, deeper, strict=strict)

    def test_more_stages_are_none(self):
        init_default_scope('mmaction')
        shallow = dict(type='ResNet', depth=18, num_stages=1, out_indices=(0,))
        shallow.update(strides=(1,), dilations=(1,))
        model = MODELS.build(recognizer(shallow))
        weights = random_weights(recognizer(RESNET))
        left_out = check_state_dict(model, weights, strict=False)
        assert left_out == []
