"""One model of each paper, whole: run by threads, copied, compiled and exported."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn
from torch.utils._pytree import tree_leaves

import mmmotion  # noqa: F401
from mmmotion.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs'
NETWORKS = {  # config, and the shape of a sample
    'PAN_Lite': ('pan/pan_lite_r18_motionshapes.py', (8, 3, 4, 32, 32)),
    'PAN_Full': ('pan/pan_full_r18_motionshapes.py', (8, 3, 4, 32, 32)),
    'RepFlow': ('repflow/repflow_flow_r34_tinykinetics.py', (1, 3, 6, 32, 32)),
    'residual': ('residual/residual_stride_r3d18_motionshapes.py', (1, 3, 16, 32, 32)),
    'OFF': ('off/off_rgb_r18_motionshapes.py', (7, 3, 64, 64)),
    'DCD': ('dcd/dcd_full_r18_motionshapes.py', (4, 3, 2, 64, 64)),
}
POOLED = {'model.branches.static.backbone.pool_after': ['layer1']}  # as DCD's large networks
BATCH_SIZES = (1, 3, 2, 1)  # whoever keeps the last one will not get away with it


class Scores(nn.Module):
    """The logits of a recogniser; a branch's beside another's."""

    def __init__(self, recognizer):
        super().__init__()
        self.recognizer = recognizer

    def forward(self, inputs):
        logits, _ = self.recognizer.extract_feat(inputs, stage='head')
        return tree_leaves(logits)


@cache
def build(name):
    init_default_scope('mmaction')
    torch.manual_seed(0)
    config, _ = NETWORKS[name]
    cfg = Config.fromfile(CONFIGS / config)
    if name == 'DCD':
        cfg.merge_from_dict(POOLED)
    model = Scores(MODELS.build(cfg.model))
    return model.eval().requires_grad_(False)


def draw(name, batch_size):
    _, shape = NETWORKS[name]
    return torch.randn(batch_size, *shape, generator=torch.Generator().manual_seed(batch_size))


def assert_same(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize('name', NETWORKS)
class TestWholeNetwork:
    def test_eight_threads(self, name):
        """Each gets the scores of its own batch."""
        model = build(name)
        batches = [draw(name, size) for size in BATCH_SIZES] * 4
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(model, batches))
        for batch, scores in zip(batches, found, strict=True):
            assert_same(scores, model(batch))

    @pytest.mark.parametrize('duplicate', [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
    def test_copies(self, name, duplicate):
        model, inputs = build(name), draw(name, 2)
        twin = duplicate(model)
        assert_same(twin(inputs), model(inputs))
        for parameter in twin.parameters():
            nn.init.zeros_(parameter)
        assert not any(scores.any() for scores in twin(inputs))
        assert all(scores.any() for scores in model(inputs))

    def test_compiled_whole(self, name):
        torch._dynamo.reset()
        model = build(name)
        compiled = torch.compile(model, fullgraph=True, backend='eager')
        for size in (2, 1):
            inputs = draw(name, size)
            assert_same(compiled(inputs), model(inputs))

    def test_exported(self, name):
        """Of two samples, for any number of them."""
        model, batch = build(name), torch.export.Dim('batch')
        exported = torch.export.export(
            model, (draw(name, 2),), dynamic_shapes=({0: batch},), strict=False
        ).module()
        for size in (2, 3):
            inputs = draw(name, size)
            assert_same(exported(inputs), model(inputs))
