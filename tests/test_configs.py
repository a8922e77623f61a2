"""Every leaf config: it starts as the runner starts it, with its weights, trains a step, scores a
clip, and says what it is.
"""

from collections import Counter
from itertools import chain, product
from pathlib import Path

import golden
import pytest
import torch
import yaml
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import _load_checkpoint
from modelindex.load_model_index import load as load_model_index

from mmmotion.checkpoints import check_arrival, check_state_dict, find_arrived, pretrained_networks

ROOT = Path(__file__).parents[1]
NUM_CLASSES = dict(
    motionshapes=8,
    motionshapeshard=8,
    sthv1=174,
    sthv2=174,
    jester=27,
    kinetics400=400,
    minikinetics=200,
    tinykinetics=150,
    ucf101=101,
    hmdb51=51,
)
LEFT_AND_RIGHT = {'motionshapes', 'motionshapeshard', 'sthv1', 'sthv2', 'jester'}
BACKBONES = dict(
    r18=dict(depth=18),
    r50=dict(depth=50),
    r34=dict(depth=34),
    r101=dict(depth=101),
    rx101=dict(type='mmpretrain.ResNeXt', depth=101),
    r2plus1d18=dict(type='mmmotion.R2Plus1d'),
    r2plus1d50=dict(type='ResNet2Plus1d', depth=50),
    i3d=dict(type='mmmotion.InceptionI3d'),
    s3d=dict(type='mmmotion.S3D'),
    bninception=dict(type='mmmotion.BNInception'),
    eco=dict(type='mmmotion.ECOLite'),
)
R3D18 = dict(
    pan=dict(type='ResNet3d', depth=18),
    repflow=dict(type='ResNet3d', depth=18),
    residual=dict(type='mmmotion.ResNet3dPool'),
)
DCD = dict(
    full=['change', 'motion', 'static'],
    static=['static'],
    motion=['motion'],
    change=['change'],
    staticmotion=['motion', 'static'],
    staticchange=['change', 'static'],
    motionchange=['change', 'motion'],
)
BRANCHES = dict(
    full=['pa', 'rgb'],
    en=['lite', 'pa', 'rgb'],
    twopath=['appearance', 'motion'],
    sum=['diff', 'rgb'],
    late=['flow', 'rgb'],
)
RATES = yaml.safe_load((ROOT / 'tests/data/rates.yml').read_text())
SAMPLERS = ('mmmotion.StackedSampleFrames', 'mmmotion.ConstantIntervalSampleFrames')


@pytest.fixture(params=golden.leaves(), ids=lambda path: path.stem, scope='module')
def leaf(request):
    init_default_scope('mmaction')
    return request.param, Config.fromfile(request.param)


@pytest.fixture(scope='module')
def recognizer(leaf, in_weight_cache):
    """The recogniser as the runner starts it, its weights loaded."""
    _, cfg = leaf
    in_weight_cache.provide(cfg)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    model.init_weights()
    return model


def sampling(pipeline):
    (step,) = [t for t in pipeline if t['type'] in SAMPLERS]
    return step


def recognizers(cfg):
    """Return the recognisers of a config: its branches, or the one it is."""
    return list(cfg.model.get('branches', dict(one=cfg.model)).values())


def inner_backbone(recognizer):
    return recognizer.backbone.get('backbone', recognizer.backbone)


def build(cfg):
    torch.manual_seed(0)
    return MODELS.build(cfg.model)


def batch(cfg, size=32):
    step = sampling(cfg.train_pipeline)
    segments, length = step['num_clips'], step['clip_len']
    if step.get('as_one_clip'):
        segments, length = 1, segments * length
    if cfg.filename.count('repflow'):
        length = min(length, 8)  # any length will do, and takes its time
    if 'stem' in cfg.model:
        segments = 1  # any number will do, too
    if any('Warped' in t['type'] for t in cfg.train_pipeline):
        length -= 1  # what comes are differences
    stack = (length,) if cfg.model.data_preprocessor.format_shape == 'NCTHW' else ()
    channels = max(3, len(cfg.model.data_preprocessor.get('mean', [])))  # of flow 10
    clips = torch.randint(0, 256, (2, segments, channels, *stack, size, size)).byte()
    samples = [ActionDataSample().set_gt_label(i) for i in range(2)]
    return dict(inputs=list(clips), data_samples=samples)


def test_is_what_it_was(leaf, recognizer):
    """The same to the runner, whatever its bases are, and its checkpoints load: see golden.py."""
    path, cfg = leaf
    recorded = golden.recorded()[path.stem]
    assert golden.resolve(cfg).splitlines() == recorded['config'].splitlines()
    assert golden.shapes(recognizer).splitlines() == recorded['checkpoint'].splitlines()


def test_weights_arrive(leaf, recognizer):
    """All that a file holds of a network is in it, under ``pretrained``, ``checkpoint``, ..."""
    _, cfg = leaf
    for name, network, source in pretrained_networks(recognizer):
        weights = _load_checkpoint(source, map_location='cpu')
        share, others = find_arrived(network, weights.get('state_dict', weights))
        assert (name, share, others) == (name, 1.0, [])
    check_arrival(recognizer)


def test_weights_of_a_training_before_arrive(leaf, recognizer):
    """``load_from`` leaves out the classifier alone, which has other classes."""
    _, cfg = leaf
    if cfg.load_from is None:
        return
    weights = torch.load(cfg.load_from)['state_dict']
    assert all('fc_cls' in key for key in check_state_dict(recognizer, weights, strict=False))


def test_rates_are_as_recorded(leaf, recognizer):
    """How many parameters have which branch, learning rate and weight decay."""
    path, cfg = leaf
    wrapper = build_optim_wrapper(recognizer, cfg.optim_wrapper)
    counts = Counter()
    for group in wrapper.optimizer.param_groups:
        rate = f'{group["lr"]:g} {group["weight_decay"]:g}'
        branch = group.get('branch')
        counts[f'{branch} {rate}' if branch else rate] += len(group['params'])
    assert counts == RATES[path.stem]


def test_a_step_reaches_every_parameter(leaf, recognizer):
    """And a clip is scored."""
    path, cfg = leaf
    model = recognizer.train()
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    with wrapper.optim_context(model):
        data = model.data_preprocessor(batch(cfg), training=True)
        loss, _ = model.parse_losses(model(**data, mode='loss'))
    loss.backward()
    assert loss.isfinite()
    training = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    assert [name for name, p in training if p.grad is None] == []
    wrapper.step()
    assert all(p.isfinite().all() for p in model.parameters())
    results = model.eval().test_step(batch(cfg))
    num_classes = NUM_CLASSES[path.stem.split('_')[-1]]
    assert [r.pred_score.shape for r in results] == [(num_classes,)] * 2


def test_segments_agree(leaf):
    _, cfg = leaf
    trained, tested = sampling(cfg.train_pipeline), sampling(cfg.test_pipeline)
    for recognizer in recognizers(cfg):
        for part in (inner_backbone(recognizer), recognizer.cls_head):
            assert part.get('num_segments', trained['num_clips']) == trained['num_clips']
        assert recognizer.backbone.get('clip_len', trained['clip_len']) == trained['clip_len']
    assert tested['num_clips'] in (trained['num_clips'], 10)  # 10 clips of a 3D network
    assert tested['clip_len'] == trained['clip_len']
    assert tested.get('as_one_clip') == trained.get('as_one_clip')
    assert tested['test_mode']


def test_pipelines_reach_the_loaders(leaf):
    """Overriding a variable of a base leaves what was made of it unchanged."""
    path, cfg = leaf
    assert cfg.train_dataloader.dataset.pipeline == cfg.train_pipeline
    assert cfg.val_dataloader.dataset.pipeline == cfg.test_pipeline
    assert cfg.test_dataloader.dataset.pipeline == cfg.test_pipeline
    flips = any('Flip' in step['type'] for step in cfg.train_pipeline)
    assert flips != (path.stem.split('_')[-1] in LEFT_AND_RIGHT)


def test_name_says_what_is_inside(leaf):
    path, cfg = leaf
    paper, *_, variant, backbone, dataset = path.stem.split('_')
    heads = [recognizer.cls_head.num_classes for recognizer in recognizers(cfg)]
    assert set(heads) == {NUM_CLASSES[dataset]}
    expected = R3D18[paper] if backbone == 'r3d18' else BACKBONES[backbone]
    inner = [inner_backbone(recognizer) for recognizer in recognizers(cfg)]
    assert any(expected.items() <= dict(found).items() for found in inner)
    known = DCD if paper == 'dcd' else BRANCHES
    used = cfg.model.get('use', cfg.model.get('branches', []))
    assert sorted(used) == known.get(variant, [])


def test_branches_are_tested_as_such(leaf):
    _, cfg = leaf
    kind = 'mmmotion.BranchAccMetric' if 'branches' in cfg.model else 'AccMetric'
    assert cfg.val_evaluator.type == cfg.test_evaluator.type == kind


@pytest.mark.parametrize('variant', ['lite', 'full', 'en'])
def test_branches_see_what_they_should(variant):
    """RGB the first frames, PA the maps alone, Lite both."""
    cfg = Config.fromfile(ROOT / f'configs/pan/pan_{variant}_r50_sthv2.py')
    assert variant == 'lite' or cfg.model.branches.rgb.sees.index == 0
    model = build(cfg)
    branches = model.branches if variant != 'lite' else dict(lite=model)
    channels = {
        name: next(
            m
            for m in b.backbone.modules()
            if isinstance(m, torch.nn.Conv2d) and m.out_channels == 64
        ).in_channels
        for name, b in branches.items()
    }
    assert channels.items() <= dict(rgb=3, pa=3, lite=6).items()


def test_leaf_is_short(leaf):
    lines = [line for line in leaf[0].read_text().splitlines() if line.strip()]
    assert len(lines) <= 30


def test_metafile_lists_it(leaf):
    path, _ = leaf
    entries = yaml.safe_load((path.parent / 'metafile.yml').read_text())['Models']
    configs = [entry['Config'] for entry in entries]
    assert configs.count(str(path.relative_to(ROOT))) == 1
    (entry,) = [e for e in entries if e['Config'] == str(path.relative_to(ROOT))]
    assert entry['Name'] == path.stem
    for result in entry['Results']:
        check_result(result)


def check_result(result):
    """As mim reads it: numbers under Metrics, which say whose they are."""
    assert {'Task', 'Dataset', 'Metrics'} <= {*result}
    metrics = result['Metrics']
    reported = [name.startswith('Reported ') for name in metrics]
    assert all(reported) or not any(reported)
    assert ('Source' in result) == (bool(metrics) and all(reported))
    assert ('Commit' in result) == ('Command' in result) == (bool(metrics) and not any(reported))
    for name, value in metrics.items():
        assert isinstance(value, float) or name == 'Reported GMAC'


def test_index_lists_every_metafile():
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())['Import']
    assert sorted(index) == sorted(
        str(p.relative_to(ROOT)) for p in ROOT.glob('configs/*/metafile.yml')
    )


def test_index_is_what_mim_reads():
    index = load_model_index(str(ROOT / 'model-index.yml'))
    metrics = {model.name: [r.metrics for r in model.results] for model in index.models}
    assert None not in chain.from_iterable(metrics.values())
    assert metrics['pan_lite_r18_motionshapes'] == [{'Top 1 Accuracy': 91.0}]
    assert metrics['pan_lite_r50_sthv2'] == [
        {'Reported Top 1 Accuracy': 60.8, 'Reported Top 5 Accuracy': 86.7, 'Reported GMAC': 35.7}
    ]


def rates(cfg, model):
    """Return rate and weight decay of every parameter."""
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    groups = wrapper.optimizer.param_groups
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {names[id(g['params'][0])]: (g['lr'], g['weight_decay']) for g in groups}


def test_learning_rates_of_pan():
    """The paper's schedule, and the released rates of first convolution and classifier."""
    cfg = Config.fromfile(ROOT / 'configs/pan/pan_lite_r50_sthv2.py')
    rate = rates(cfg, build(cfg))
    assert rate['backbone.motion.conv.weight'] == pytest.approx((0.05, 1e-4))
    assert rate['backbone.motion.conv.bias'] == pytest.approx((0.1, 0))
    assert rate['cls_head.fc_cls.weight'] == pytest.approx((0.05, 1e-4))
    assert rate['cls_head.fc_cls.bias'] == pytest.approx((0.1, 0))
    assert rate['backbone.backbone.conv1.conv.weight'] == pytest.approx((0.01, 1e-4))
    assert rate['backbone.backbone.layer1.0.conv1.bn.weight'] == pytest.approx((0.01, 0))
    assert cfg.optim_wrapper.clip_grad.max_norm == 20
    assert cfg.auto_scale_lr.base_batch_size == 64


def test_learning_rates_of_branches():
    cfg = Config.fromfile(ROOT / 'configs/pan/pan_full_r50_sthv2.py')
    rate = rates(cfg, build(cfg))
    assert rate['branches.rgb.backbone.conv1.conv.weight'] == pytest.approx((0.01, 1e-4))
    assert rate['branches.pa.backbone.motion.conv.weight'] == pytest.approx((0.05, 1e-4))
    assert rate['branches.rgb.cls_head.fc_cls.bias'] == pytest.approx((0.1, 0))


SCHEDULES = dict(  # epochs in all; of each branch, where its rate falls and when it ends (p. 7)
    pan_lite_r50_sthv2=(80, {None: ([30, 60], 80)}),
    pan_pa_r50_sthv2=(80, {None: ([30, 60], 80)}),
    pan_rgb_r50_sthv2=(50, {None: ([20, 40], 50)}),
    pan_full_r50_sthv2=(80, dict(rgb=([20, 40], 50), pa=([30, 60], 80))),
    pan_en_r50_sthv2=(80, dict(rgb=([20, 40], 50), pa=([30, 60], 80), lite=([30, 60], 80))),
    pan_lite_r50_ucf101=(40, {None: ([15, 30], 40)}),
    pan_full_r50_hmdb51=(40, dict(rgb=([10, 20], 25), pa=([15, 30], 40))),
)


@pytest.mark.parametrize(('name', 'expected'), SCHEDULES.items())
def test_schedules_of_pan(name, expected):
    cfg = Config.fromfile(ROOT / f'configs/pan/{name}.py')
    steps = {s.get('branch'): (list(s['milestones']), s['end']) for s in cfg.param_scheduler}
    assert (cfg.train_cfg.max_epochs, steps) == expected


def test_schedules_of_dcd():
    """DCD, section 4.1; the stem has the rate of the shortest branch, the length of the longest."""
    cfg = Config.fromfile(ROOT / 'configs/dcd/dcd_full_bninception_ucf101.py')
    steps = {s['branch']: (list(s['milestones']), s['end']) for s in cfg.param_scheduler}
    long = ([263, 421], 474)
    assert steps == {None: long, 'static': ([39, 79], 118), 'motion': long, 'change': long}
    assert [round(38 * epoch, -3) for epoch in (263, 421, 474)] == [10000, 16000, 18000]
    assert [round(38 * epoch, -2) for epoch in (39, 79, 118)] == [1500, 3000, 4500]
    rate = rates(cfg, build(cfg))
    assert rate['stem.backbone.conv1.7x7_s2.conv.weight'] == pytest.approx((0.001, 5e-4))
    assert rate['branches.static.cls_head.fc_cls.weight'] == pytest.approx((0.001, 5e-4))
    assert rate['branches.motion.cls_head.fc_cls.weight'] == pytest.approx((0.005, 5e-4))
    assert cfg.optim_wrapper.clip_grad.max_norm == 20
    assert cfg.auto_scale_lr.base_batch_size == 256


def test_learning_rates_of_repflow():
    """What the flow is made with learns at a hundredth of the rate; weights are averaged."""
    init_default_scope('mmaction')
    cfg = Config.fromfile(ROOT / 'configs/repflow/repflow_fcf_r34_tinykinetics.py')
    rate = rates(cfg, build(cfg))
    for index, name in product(range(2), ('log_tau', 'log_lam', 'log_theta', 'div_x', 'div_y')):
        assert rate[f'backbone.plugins.0.flows.{index}.{name}'] == pytest.approx((0.001, 0))
    assert rate['backbone.plugins.0.convs.0.weight'] == pytest.approx((0.1, 1e-4))
    assert rate['backbone.backbone.conv1.conv.weight'] == pytest.approx((0.1, 1e-4))
    assert [hook['type'] for hook in cfg.custom_hooks].count('EMAHook') == 1
    assert len(cfg.custom_hooks) > 1
