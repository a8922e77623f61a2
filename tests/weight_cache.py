"""Stand-ins for the weights that configs name: the published files' names, keys and shapes.

Their values are random, but the ways on which they reach a network are a user's: torch's download
cache, the converters of this repository, the work dir of a training before.
"""

import runpy
import sys
from pathlib import Path
from unittest import mock

import torch
import torchvision
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import get_torchvision_models
from reference import bn_inception, residual

ROOT = Path(__file__).parents[1]


class WeightCache:
    """A folder that is the ``TORCH_HOME`` and the working directory of whoever loads weights.

    Args:
        root: the folder.
    """

    def __init__(self, root):
        self.root = root

    def provide(self, cfg):
        """Make every file of weights that a config names."""
        for source in set(sources(cfg.to_dict())):
            if source.startswith('torchvision://'):
                self._provide_torchvision(source.removeprefix('torchvision://'))
            elif not (self.root / source).exists():
                (self.root / source).parent.mkdir(parents=True, exist_ok=True)
                self._make(source)

    def _provide_torchvision(self, name):
        url = get_torchvision_models()[name]
        path = self.root / 'hub/checkpoints' / Path(url).name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.save(torchvision.models.get_model(name).state_dict(), path)

    def _make(self, source):
        path = self.root / source
        if source == 'checkpoints/bn_inception.pth':
            convert('bn_inception_pytorch', bn_inception.random_weights(num_classes=1000), path)
        elif source == 'checkpoints/resnet3d18_kinetics.pth':
            public = residual.random_resnet3d(shortcut='A', num_classes=400)
            convert('resnet3d_pytorch', public, path)
        else:  # work_dirs/<config>/epoch_N.pth, which a training of that config leaves
            (config,) = ROOT.glob(f'configs/*/{path.parent.name}.py')
            init_default_scope('mmaction')
            model = MODELS.build(Config.fromfile(config).model)
            torch.save(dict(meta={}, state_dict=model.state_dict()), path)


def sources(part):
    """Yield the files of weights that a part of a config names."""
    if isinstance(part, str):
        if part.startswith('torchvision://') or part.endswith('.pth'):
            yield part
    elif isinstance(part, (list, tuple, dict)):
        for value in part.values() if isinstance(part, dict) else part:
            yield from sources(value)


def convert(tool, public, path):
    """Run a converter on a public file."""
    given = path.with_suffix('.public.pth')
    torch.save(public, given)
    with mock.patch.object(sys, 'argv', [tool, str(given), str(path)]):
        runpy.run_path(str(ROOT / f'tools/convert/{tool}.py'), run_name='__main__')
    given.unlink()
