"""The drawings of docs/architecture.md: every module is there, and gives what is written."""

import re
from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmmotion  # noqa: F401
from mmmotion.apis import blank_sample

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / 'docs/architecture.md').read_text()
DRAWINGS = dict(re.findall(r'`configs/(\S+)\.py`.*?```text\n(.*?)```', TEXT, re.S))
BATCH_SIZE = 1


def read(drawing: str) -> dict[str, tuple[str, str]]:
    """Return class and shapes of each module, the shapes for such a batch."""
    lines = {}
    for line in drawing.splitlines():
        name, kind, shapes = line.strip('├│└ ').split(maxsplit=2)
        numbers = re.sub(r'(\d+) B', lambda found: str(int(found[1]) * BATCH_SIZE), shapes)
        lines[name] = kind, numbers.replace('B', str(BATCH_SIZE))
    return lines


def write(out: object) -> str:
    if isinstance(out, torch.Tensor):
        return str(tuple(out.shape))
    return ', '.join(str(tuple(tensor.shape)) for tensor in out)


def test_a_drawing_for_each_paper():
    assert {name.split('/')[0] for name in DRAWINGS} == {'pan', 'repflow', 'residual', 'off', 'dcd'}


@pytest.mark.parametrize('name', DRAWINGS)
def test_shapes(name):
    init_default_scope('mmaction')
    cfg = Config.fromfile(ROOT / f'configs/{name}.py')
    model = MODELS.build(cfg.model).train()
    batch = blank_sample(cfg, split='train', batch_size=BATCH_SIZE)
    inputs = model.data_preprocessor(batch)['inputs']
    expected = read(DRAWINGS[name])
    found = {'data_preprocessor': (type(model.data_preprocessor).__name__, write(inputs))}

    def note(name, module, out):
        found[name] = type(module).__name__, write(out)

    for part in expected.keys() - found.keys():
        module = model.get_submodule(part)
        module.register_forward_hook(lambda m, _, out, part=part: note(part, m, out))
    with torch.no_grad():
        model(inputs, stage='head')
    assert found == expected
