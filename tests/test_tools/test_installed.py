"""A package that is built, not linked to: what a user's configs and MMEngine find in it."""

import re
import textwrap

import pytest
from mmengine.config import Config

from mmmotion import configs

from .conftest import ROOT, SPEC, run
from .test_front_door import UPSTREAM_TRAIN

PYTHON_STYLE = sorted(
    path.relative_to(ROOT / 'mmmotion/configs').as_posix()
    for path in ROOT.glob('mmmotion/configs/*/*.py')
    if path.stem != '__init__'
)


@pytest.fixture(scope='module')
def installed(tmp_path_factory):
    """The environment in which Python, and MMEngine by its metadata, find the built package."""
    root = tmp_path_factory.mktemp('site')
    scratch = tmp_path_factory.mktemp('scratch')
    run(
        'setup.py', '-q', 'build', '--build-base', scratch, '--build-lib', root,
        'egg_info', '--egg-base', root,
    )  # fmt: skip
    return dict(PYTHONPATH=str(root))


def read_as_base(name, folder):
    """Read a config of Python style that inherits one of ours and adds nothing."""
    module = name.removesuffix('.py').replace('/', '.')
    file = folder / 'mine.py'
    file.write_text(
        'from mmengine.config import read_base\n'
        'with read_base():\n'
        f'    from mmmotion.configs.{module} import *\n'
    )
    return Config.fromfile(file)


class TestPythonStyle:
    @pytest.mark.parametrize('name', PYTHON_STYLE)
    def test_equals_text(self, name, tmp_path, monkeypatch):
        monkeypatch.setattr(configs, 'TEXT_CONFIGS', ROOT / 'configs')
        read = read_as_base(name, tmp_path).to_dict()
        assert read == Config.fromfile(ROOT / 'configs' / name).to_dict()

    def test_every_paper(self):
        assert {name.split('/')[0] for name in PYTHON_STYLE} == {
            *('pan', 'repflow', 'residual', 'off', 'dcd'),
        }

    def test_readme(self, tmp_path, monkeypatch):
        """README writes the same config in either style."""
        monkeypatch.setattr(configs, 'TEXT_CONFIGS', ROOT / 'configs')
        section = (ROOT / 'README.md').read_text().split('## Our configs as the base of yours')[1]
        examples = re.findall(r'```python\n(.*?)```', section, re.S)[:2]
        read = []
        for number, example in enumerate(examples):
            file = tmp_path / f'example_{number}.py'
            file.write_text(example)
            read.append(Config.fromfile(file))
        text, python_style = read
        for branch in ('rgb', 'pa'):
            assert python_style.model.branches[branch].cls_head.num_classes == 27
        assert text.model.pop('_scope_') == 'mmaction'  # mmengine marks what is inherited
        assert python_style.model.to_dict() == text.model.to_dict()

    def test_upstreams_tool(self, installed, data, tmp_path):
        """Which imports MMAction2 before it knows of us, as does the class in the config."""
        loaders = [f'{split}_dataloader.dataset' for split in ('train', 'val', 'test')]
        changes = [
            f'{loader}.update(dict(data_root={str(data)!r}, spec=dict({SPEC})))'
            for loader in loaders
        ]
        config = tmp_path / 'mine.py'
        config.write_text(
            textwrap.dedent("""
                from mmaction.models import ResNetTSM
                from mmengine.config import read_base

                with read_base():
                    from mmmotion.configs.pan.pan_lite_r18_motionshapes import *

                model.backbone.update(backbone=dict(type=ResNetTSM, depth=34))
                train_dataloader.update(batch_size=8)
                train_cfg.update(max_epochs=1)
            """)
            + '\n'.join(changes)
        )
        run(UPSTREAM_TRAIN, config, '--work-dir', tmp_path, cwd=tmp_path, env=installed)
        (log,) = tmp_path.glob('*/*.log')
        assert 'layer3.5.' in log.read_text()  # which ResNet-34 has and ResNet-18 lacks
        assert (tmp_path / 'epoch_1.pth').is_file()


class TestByName:
    """As the configs of OpenMMLab's packages."""

    def test_base(self, installed, tmp_path):
        (tmp_path / 'mine.py').write_text(
            "_base_ = 'mmmotion::pan/pan_full_r50_sthv2.py'\ntrain_cfg = dict(max_epochs=7)\n"
        )
        code = """
            import mmmotion
            from mmengine.config import Config
            cfg = Config.fromfile('mine.py')
            assert cfg.train_cfg.max_epochs == 7
            print(mmmotion.__file__, cfg.model.type)
        """
        done = run('-c', textwrap.dedent(code), cwd=tmp_path, env=installed)
        file, kind = done.stdout.split()
        assert file.startswith(installed['PYTHONPATH'])
        assert kind == 'mmmotion.BranchRecognizer'

    def test_hub(self, installed, tmp_path):
        code = """
            import mmmotion
            import mmengine.hub
            from mmengine.registry import DefaultScope
            name = 'mmmotion::pan/pan_full_r50_sthv2.py'
            assert mmengine.hub.get_config(name).model.type == 'mmmotion.BranchRecognizer'
            model = mmengine.hub.get_model(name, pretrained=False)
            assert DefaultScope.get_current_instance() is None
            print(sum(weight.numel() for weight in model.parameters()))
        """
        done = run('-c', textwrap.dedent(code), cwd=tmp_path, env=installed)
        assert done.stdout.split() == ['47731084']
