"""What every leaf config is resolved to, and the keys and shapes of its checkpoints.

    python tests/golden.py          # what differs from the golden file
    python tests/golden.py --write  # record what is there now, once the difference is meant

Checkpoints that users have keep loading, and a config that is written another way keeps its
meaning, as long as nothing differs.
"""

import argparse
import difflib
import json
import lzma
from functools import cache
from pathlib import Path

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

ROOT = Path(__file__).parents[1]
FILE = ROOT / 'tests/data/golden.json.xz'
RUNNER = (  # what of a config reaches the runner; the rest are variables of the config itself
    *('model', 'train_dataloader', 'val_dataloader', 'test_dataloader', 'train_cfg', 'val_cfg'),
    *('test_cfg', 'auto_scale_lr', 'optim_wrapper', 'param_scheduler', 'val_evaluator'),
    *('test_evaluator', 'default_hooks', 'custom_hooks', 'data_preprocessor', 'load_from'),
    *('resume', 'launcher', 'env_cfg', 'log_processor', 'log_level', 'visualizer'),
    *('default_scope', 'randomness'),
)


def leaves() -> list[Path]:
    return sorted(p for p in ROOT.glob('configs/*/*.py') if p.parent.name != '_base_')


def resolve(cfg: Config) -> str:
    """Return what the runner gets, one entry a line, so that two can be compared by eye."""
    found = {name: cfg[name] for name in RUNNER if name in cfg}
    return json.dumps(found, indent=1, sort_keys=True, default=str)


def shapes(model: torch.nn.Module) -> str:
    """Return the keys and shapes of a checkpoint of the model, one a line, in their order."""
    return '\n'.join(f'{key} {[*value.shape]}' for key, value in model.state_dict().items())


@cache
def recorded() -> dict[str, dict[str, str]]:
    """Return ``config`` and ``checkpoint`` of each leaf, by its name."""
    return json.loads(lzma.decompress(FILE.read_bytes()))


def find_out() -> dict[str, dict[str, str]]:
    init_default_scope('mmaction')
    found = {}
    for path in leaves():
        cfg = Config.fromfile(path)
        config = resolve(cfg)  # before the build, which may take entries out of it
        found[path.stem] = dict(config=config, checkpoint=shapes(MODELS.build(cfg.model)))
    return found


def differences(old: dict[str, dict[str, str]], new: dict[str, dict[str, str]]) -> list[str]:
    lines = []
    for name in sorted({*old, *new}):
        for part in ('config', 'checkpoint'):
            label = f'{name} {part}'
            before = old.get(name, {}).get(part, '').splitlines()
            after = new.get(name, {}).get(part, '').splitlines()
            lines += difflib.unified_diff(before, after, label, label, n=1, lineterm='')
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--write', action='store_true', help='record what is there now')
    args = parser.parse_args()
    found = find_out()
    if FILE.exists():
        print('\n'.join(differences(recorded(), found)))
    if args.write:
        FILE.write_bytes(lzma.compress(json.dumps(found, sort_keys=True).encode(), preset=9))


if __name__ == '__main__':
    main()
