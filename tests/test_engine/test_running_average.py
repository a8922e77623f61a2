"""What a running average holds of the first step's weights once the training is over."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.hooks import EMAHook
from mmengine.registry import HOOKS, init_default_scope
from torch import nn

import mmmotion  # noqa: F401

ROOT = Path(__file__).parents[2]
# Videos to train on; of Tiny-Kinetics, 150 of 400 classes.
VIDEOS = dict(kinetics400=240_000, tinykinetics=90_000, hmdb51=3570)
AVERAGED = {
    path.stem: cfg
    for path in sorted(ROOT.glob('configs/*/*.py'))
    if path.parent.name != '_base_'
    and 'EMAHook' in str((cfg := Config.fromfile(path)).get('custom_hooks'))
}


def average_of(cfg):
    """The average that the config's hook makes, of one weight of 1."""
    (step,) = [hook for hook in cfg.custom_hooks if hook['type'] == 'EMAHook']
    hook = HOOKS.build(step)
    assert isinstance(hook, EMAHook)
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    runner = type('Runner', (), dict(model=model))
    hook.before_run(runner)
    return hook.ema_model, model


def test_some_configs_average():
    assert len(AVERAGED) == 15


@pytest.mark.parametrize('num_gpus', [1, 8])
@pytest.mark.parametrize('name', AVERAGED)
def test_first_weights_are_forgotten(name, num_gpus):
    """The first step gave 1, all others 0: what is left is its share."""
    init_default_scope('mmaction')
    cfg = AVERAGED[name]
    videos = VIDEOS[name.rsplit('_', 1)[1]]
    clips = cfg.train_dataloader.batch_size * num_gpus
    num_steps = videos // clips * cfg.train_cfg.max_epochs
    average, model = average_of(cfg)
    average.update_parameters(model)
    nn.init.zeros_(model.weight)
    for _ in range(num_steps - 1):
        average.update_parameters(model)
        if average.module.weight < 0.01:
            return
    pytest.fail(f'{average.module.weight.item():.2f} of the first weights after {num_steps} steps')
