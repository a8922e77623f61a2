"""Every leaf config: it loads, builds without a download, trains a step, and says what it is."""

from pathlib import Path

import pytest
import torch
import yaml
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmmotion  # noqa: F401

ROOT = Path(__file__).parents[1]
LEAVES = sorted(p for p in ROOT.glob('configs/*/*.py') if p.parent.name != '_base_')
NUM_CLASSES = dict(motionshapes=8, sthv2=174)
DEPTH = {'r18': 18, 'r50': 50}


@pytest.fixture(params=LEAVES, ids=lambda path: path.stem)
def leaf(request):
    init_default_scope('mmaction')
    return request.param, Config.fromfile(request.param)


def sampling(cfg):
    (step,) = [t for t in cfg.train_pipeline if t['type'] == 'mmmotion.SampleFrameStacks']
    return step


def inner_backbone(cfg):
    return cfg.model.backbone.get('backbone', cfg.model.backbone)


def build(cfg):
    inner_backbone(cfg).pretrained = None  # no download
    torch.manual_seed(0)
    return MODELS.build(cfg.model)


def batch(cfg, size=32):
    step = sampling(cfg)
    stack = (step['clip_len'],) if cfg.model.data_preprocessor.format_shape == 'NCTHW' else ()
    clips = torch.randint(0, 256, (2, step['num_segments'], 3, *stack, size, size)).byte()
    samples = [ActionDataSample().set_gt_label(i) for i in range(2)]
    return dict(inputs=list(clips), data_samples=samples)


def test_a_step_reaches_every_parameter(leaf):
    model = build(leaf[1]).train()
    data = model.data_preprocessor(batch(leaf[1]), training=True)
    loss, _ = model.parse_losses(model(**data, mode='loss'))
    loss.backward()
    assert loss.isfinite()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_scores_one_clip(leaf):
    model = build(leaf[1]).eval()
    results = model.test_step(batch(leaf[1]))
    assert [r.pred_score.shape for r in results] == [(leaf[1].model.cls_head.num_classes,)] * 2


def test_segments_agree(leaf):
    _, cfg = leaf
    segments = sampling(cfg)['num_segments']
    for part in (inner_backbone(cfg), cfg.model.cls_head):
        assert part.get('num_segments', segments) == segments
    tested = [t for t in cfg.test_pipeline if t['type'] == 'mmmotion.SampleFrameStacks'][0]
    assert tested['num_segments'] == segments
    assert tested['clip_len'] == sampling(cfg)['clip_len']
    assert tested['test_mode']


def test_pipelines_reach_the_loaders(leaf):
    """Overriding a variable of a base leaves what was made of it unchanged."""
    _, cfg = leaf
    assert cfg.train_dataloader.dataset.pipeline == cfg.train_pipeline
    assert cfg.val_dataloader.dataset.pipeline == cfg.test_pipeline
    assert cfg.test_dataloader.dataset.pipeline == cfg.test_pipeline
    assert not any('Flip' in t['type'] for t in cfg.train_pipeline)


def test_name_says_what_is_inside(leaf):
    path, cfg = leaf
    *_, depth, dataset = path.stem.split('_')
    assert cfg.model.cls_head.num_classes == NUM_CLASSES[dataset]
    assert inner_backbone(cfg).depth == DEPTH[depth]
    assert ('pan' in path.stem) == ('motion' in cfg.model.backbone)
    assert ('tsn' in path.stem) == (inner_backbone(cfg).type == 'ResNet')


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


def test_index_lists_every_metafile():
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())['Import']
    assert sorted(index) == sorted(
        str(p.relative_to(ROOT)) for p in ROOT.glob('configs/*/metafile.yml')
    )


def test_learning_rates_of_pan():
    """The paper's schedule, and the released rates of first convolution and classifier."""
    cfg = Config.fromfile(ROOT / 'configs/pan/pan_lite_r50_sthv2.py')
    from mmengine.optim import build_optim_wrapper

    model = build(cfg)
    groups = build_optim_wrapper(model, cfg.optim_wrapper).optimizer.param_groups
    rates = {}
    for (name, _), group in zip(model.named_parameters(), groups, strict=True):
        rates[name] = (group['lr'], group['weight_decay'])
    assert rates['backbone.motion.conv.weight'] == pytest.approx((0.05, 1e-4))
    assert rates['backbone.motion.conv.bias'] == pytest.approx((0.1, 0))
    assert rates['cls_head.fc_cls.weight'] == pytest.approx((0.05, 1e-4))
    assert rates['cls_head.fc_cls.bias'] == pytest.approx((0.1, 0))
    assert rates['backbone.backbone.conv1.conv.weight'] == pytest.approx((0.01, 1e-4))
    assert rates['backbone.backbone.layer1.0.conv1.bn.weight'] == pytest.approx((0.01, 0))
    assert cfg.param_scheduler[0]['milestones'] == [30, 60]
    assert cfg.train_cfg.max_epochs == 80
    assert cfg.optim_wrapper.clip_grad.max_norm == 20
    assert cfg.auto_scale_lr.base_batch_size == 64
