"""bfloat16 training on any device."""

import pytest
import torch
from mmengine.registry import OPTIM_WRAPPERS

import mmmotion  # noqa: F401
from mmmotion.engine.optimizers.bfloat16 import multiplies_bfloat16


def build(model, **kwargs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cfg = dict(type='mmmotion.BFloat16OptimWrapper', optimizer=optimizer, **kwargs)
    return OPTIM_WRAPPERS.build(cfg)


@pytest.mark.parametrize(('enabled', 'dtype'), [(True, torch.bfloat16), (False, torch.float32)])
def test_forward_runs_in(enabled, dtype):
    model = torch.nn.Linear(4, 3)
    wrapper = build(model, enabled=enabled)
    with wrapper.optim_context(model):
        out = model(torch.ones(2, 4))
    assert out.dtype == dtype
    wrapper.update_params(out.float().sum())
    assert model.weight.dtype == torch.float32


def test_step_is_sgd():
    model = torch.nn.Linear(4, 3)
    before = model.weight.detach().clone()
    wrapper = build(model, enabled=True)
    with wrapper.optim_context(model):
        loss = model(torch.ones(2, 4)).float().sum()
    wrapper.update_params(loss)
    torch.testing.assert_close(model.weight, before - 0.1 * 2)


def test_auto_follows_the_hardware():
    assert build(torch.nn.Linear(1, 1)).enabled == multiplies_bfloat16()


def test_wrong_setting():
    with pytest.raises(ValueError, match="enabled: expected one of True, False, auto, got 'yes'"):
        build(torch.nn.Linear(1, 1), enabled='yes')
