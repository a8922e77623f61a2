"""Each cure of mmmotion.compat: the symptom without it, its effect, and its absence elsewhere.

A symptom that depends on the wheels of a machine is shown with a small package of the same name,
put before the real one on the path of a fresh Python.
"""

import importlib
import importlib.machinery
import os
import pickle
import re
import subprocess
import sys
import textwrap
import types
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.model import BaseModel
from mmengine.runner import CheckpointLoader, Runner, load_checkpoint
from mmengine.utils import get_installed_path
from torch import nn
from torch.utils import model_zoo

import mmmotion
from mmmotion import compat

ROOT = Path(mmmotion.__file__).parents[1]


def run(code, path=ROOT):
    """Run code in a fresh Python that finds ``path`` first, then this repository."""
    environment = {'PYTHONPATH': os.pathsep.join([str(path), str(ROOT)]), 'OMP_NUM_THREADS': '1'}
    return subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', textwrap.dedent(code)],
        env={**os.environ, **environment},
        cwd=path,
        capture_output=True,
        text=True,
    )


def fails(result, message):
    return result.returncode != 0 and message in result.stderr


def works(code, path=ROOT):
    result = run(code, path)
    assert result.returncode == 0, result.stderr


def write(root, files):
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
    return root


class TestApplyCures:
    def test_idempotent(self):
        finders, allowed = [*sys.meta_path], torch.serialization.get_safe_globals()
        load_url = CheckpointLoader.load_checkpoint.__globals__['load_url']
        compat.apply_cures()
        assert sys.meta_path == finders
        assert {*map(str, torch.serialization.get_safe_globals())} == {*map(str, allowed)}
        assert CheckpointLoader.load_checkpoint.__globals__['load_url'] is load_url

    def test_real_stack(self):
        for name in ('mmaction.models', 'mmpretrain', 'torchvision.models'):
            assert importlib.import_module(name)


class TestMissingLocalizer:
    broken = {
        'mmaction/__init__.py': '',
        'mmaction/registry.py': """
            from mmengine.registry import Registry
            MODELS = Registry('model', scope='mmaction')
        """,
        'mmaction/models/__init__.py': 'from .localizers import DRN',
        'mmaction/models/localizers/__init__.py': 'from .drn.drn import DRN',
    }
    healthy = {
        **broken,
        'mmaction/models/localizers/drn/__init__.py': '',
        'mmaction/models/localizers/drn/drn.py': 'class DRN: real = True',
    }
    message = "No module named 'mmaction.models.localizers.drn'"

    def test_symptom(self, tmp_path):
        assert fails(run('import mmaction.models', write(tmp_path, self.broken)), self.message)

    def test_symptom_installed(self, tmp_path):
        # without any torchvision, so that only this one of the two symptoms is left
        write(tmp_path, {'torchvision.py': 'raise ImportError'})
        assert fails(run('import mmaction.models', tmp_path), self.message)

    def test_cure(self, tmp_path):
        code = """
            import mmmotion
            from mmaction.models import DRN
            from mmaction.registry import MODELS
            assert MODELS.get('DRN') is DRN
            MODELS.build(dict(type='DRN', depth=50))
        """
        result = run(code, write(tmp_path, self.broken))
        assert fails(
            result, 'ImportError: DRN: expected an mmaction2 with mmaction.models.localizers.drn'
        )

    def test_healthy(self, tmp_path):
        code = """
            import mmmotion
            from mmaction.models import DRN
            from mmaction.registry import MODELS
            assert DRN.real and MODELS.get('DRN') is None
        """
        works(code, write(tmp_path, self.healthy))


class TestTorchvision:
    healthy = {
        'torchvision/__init__.py': 'from . import extension; from . import _meta_registrations',
        'torchvision/extension.py': "import sys; sys.tries = getattr(sys, 'tries', 0) + 1",
        'torchvision/_meta_registrations.py': '',
        'torchvision/models.py': '',
    }
    broken = {
        **healthy,
        'torchvision/_meta_registrations.py': """
            import torch

            @torch.library.register_fake('torchvision::nms')
            def meta_nms(dets, scores, iou_threshold): ...

            @torch.library.register_fake("torchvision::qnms")
            def meta_qnms(dets, scores, iou_threshold): ...
        """,
    }
    message = 'RuntimeError: operator torchvision::nms does not exist'

    def test_symptom(self, tmp_path):
        assert fails(run('import torchvision', write(tmp_path, self.broken)), self.message)

    def test_cure(self, tmp_path):
        code = """
            import sys, mmmotion, torch, torchvision.models
            assert sys.tries == 2  # nothing of the failed import was kept
            assert torchvision.extension is sys.modules['torchvision.extension']
            assert not hasattr(torch.ops.torchvision, 'roi_align')
            torch.ops.torchvision.nms(torch.ones(2, 4), torch.ones(2), 0.5)
        """
        result = run(code, write(tmp_path, self.broken))
        assert fails(result, "NotImplementedError: Could not run 'torchvision::nms'")

    def test_cure_after_failed_import(self, tmp_path):
        code = """
            try:
                import torchvision
            except RuntimeError:
                import mmmotion
            import torchvision.models
            mmmotion
        """
        works(code, write(tmp_path, self.broken))

    def test_healthy(self, tmp_path):
        code = """
            import sys, mmmotion, torch
            # light: what a cure is for is not imported on its behalf
            assert not {'torchvision', 'mmaction', 'mmpretrain', 'mmengine.runner'} & {*sys.modules}
            import torchvision.models
            assert sys.tries == 1
            assert not hasattr(torch.ops.torchvision, 'nms')
        """
        works(code, write(tmp_path, self.healthy))

    def test_other_error(self, tmp_path):
        other = {
            **self.healthy,
            'torchvision/_meta_registrations.py': "raise RuntimeError('other')",
        }
        code = """
            import atexit, sys, mmmotion
            atexit.register(lambda: print(sys.tries))
            import torchvision
        """
        result = run(code, write(tmp_path, other))
        assert fails(result, 'RuntimeError: other')
        assert result.stdout.strip() == '1'


class Model(BaseModel):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x, mode='loss'):
        return {'loss': self.linear(x).mean()}


def build_runner(work_dir, **kwargs):
    data = [{'x': torch.ones(1)}] * 2
    return Runner(
        Model(),
        str(work_dir),
        train_dataloader={
            'dataset': data,
            'batch_size': 1,
            'sampler': {'type': 'DefaultSampler', 'shuffle': False},
            'collate_fn': {'type': 'default_collate'},
        },
        train_cfg={'by_epoch': True, 'max_epochs': 1},
        optim_wrapper={'optimizer': {'type': 'SGD', 'lr': 0.1, 'momentum': 0.9}},
        param_scheduler={'type': 'OneCycleLR', 'eta_max': 0.1, 'total_steps': 4},
        log_level='ERROR',
        experiment_name=work_dir.name,
        **kwargs,
    )


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A runner after one epoch, with what upstream's metrics and checkpoint hook record."""
    runner = build_runner(tmp_path_factory.mktemp('trained'))
    runner.message_hub.update_scalar('val/acc', np.float32(0.25))
    runner.message_hub.update_info('best_score', np.float64(0.5))
    runner.train()
    return runner


@pytest.fixture(scope='module')
def checkpoint(trained):
    return Path(trained.work_dir, 'epoch_1.pth')


class TestWeightsOnly:
    def test_symptom(self, checkpoint):
        allowed = torch.serialization.get_safe_globals()
        torch.serialization.clear_safe_globals()
        try:
            with pytest.raises(pickle.UnpicklingError, match='Weights only load failed'):
                load_checkpoint(nn.Linear(1, 1), str(checkpoint))
        finally:
            torch.serialization.add_safe_globals(allowed)

    def test_cure(self, checkpoint):
        # the other order of imports than in test_real_stack comes for free
        stack = 'torchvision.transforms, mmpretrain, mmaction.models'
        load = f'import torch; torch.load({str(checkpoint)!r})'
        works(f'import mmmotion, {stack}; {load}')

    def test_resume(self, trained, checkpoint, tmp_path):
        runner = build_runner(tmp_path, load_from=str(checkpoint), resume=True)
        runner.train_loop.run = lambda: None  # it has resumed before
        runner.train()
        history = runner.message_hub.get_scalar('train/loss')
        np.testing.assert_array_equal(
            history.data[0], trained.message_hub.get_scalar('train/loss').data[0]
        )
        assert history.statistics('mean') == history.mean()
        assert runner.message_hub.get_info('best_score') == 0.5
        assert (runner.epoch, runner.iter) == (1, 2)

    @pytest.mark.parametrize('core', [b'core', b'_core'])
    def test_numpy_names(self, core, tmp_path):
        file = tmp_path / 'checkpoint.pth'
        held = [HistoryBuffer([1, 2.5], [1, 1]), np.float32(3), np.arange(3)]
        torch.save(held, file, _use_new_zipfile_serialization=False)
        content, count = re.subn(rb'numpy\._?core\.', b'numpy.' + core + b'.', file.read_bytes())
        file.write_bytes(content)
        buffer, scalar, array = CheckpointLoader.load_checkpoint(str(file))
        assert count
        assert (buffer.mean(), scalar, [*array]) == (1.75, 3, [0, 1, 2])


class Calls:
    """An object that pickle rebuilds by calling a function."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


class TestRefusal:
    @pytest.fixture
    def marker(self, tmp_path):
        return tmp_path / 'the_code_ran'

    @pytest.fixture
    def hub(self, tmp_path, marker, monkeypatch):
        """A hub whose cache has a checkpoint with code, so that no URL is opened."""
        monkeypatch.setenv('TORCH_HOME', str(tmp_path))
        (tmp_path / 'hub/checkpoints').mkdir(parents=True)
        torch.save(Calls(os.mkdir, str(marker)), tmp_path / 'hub/checkpoints/code.pth')
        return 'https://localhost/code.pth'

    def test_symptom(self, marker, tmp_path):
        torch.save({'state_dict': {}, 'meta': Calls(os.mkdir, str(marker))}, tmp_path / 'code.pth')
        torch.load(tmp_path / 'code.pth', weights_only=False)
        assert marker.exists()

    def test_symptom_url(self, hub, marker, monkeypatch):
        monkeypatch.setattr('mmengine.runner.checkpoint.load_url', model_zoo.load_url)
        CheckpointLoader.load_checkpoint(hub)
        assert marker.exists()

    def test_url(self, hub, marker):
        with pytest.raises(pickle.UnpicklingError, match='mkdir'):
            load_checkpoint(nn.Linear(1, 1), hub)
        assert not marker.exists()

    @pytest.mark.parametrize(
        ('held', 'message'),
        [
            (lambda marker: Calls(os.mkdir, marker), 'mkdir'),
            (lambda marker: Calls(os.system, f'mkdir {marker}'), 'system'),
            (lambda marker: Calls(exec, f'import os; os.mkdir({marker!r})'), 'exec'),
            (lambda marker: Calls(getattr, HistoryBuffer, '__init__'), 'may hold methods'),
            (lambda marker: Calls(getattr, np.ndarray, 'tofile'), 'may hold methods'),
            (lambda marker: np.array([Calls(os.mkdir, marker)], dtype=object), "dtype 'O8'"),
            (lambda marker: nn.Linear(1, 1), 'Linear'),
        ],
        ids=['mkdir', 'system', 'exec', 'getattr', 'getattr_numpy', 'object_array', 'class'],
    )
    def test_local(self, held, message, marker, tmp_path):
        file = tmp_path / 'code.pth'
        torch.save({'state_dict': {}, 'meta': held(str(marker))}, file)
        with pytest.raises(pickle.UnpicklingError, match=message):
            load_checkpoint(nn.Linear(1, 1), str(file))
        assert not marker.exists()


class TestSavedArrays:
    """No file may call numpy.ndarray, or give a dtype a state: both crash who reads it."""

    hostile = """
        import pickle, sys
        import numpy as np, torch

        class Calls:
            def __init__(self, *call):
                self.call = call
            def __reduce__(self):
                return self.call

        objects, floats = np.dtype('O'), np.dtype('f8')
        empty = np.empty(0).__reduce__()
        structure = np.dtype([('a', 'O')])
        flags = (3, '<', None, None, None, -1, -1, 63)  # says that floats are objects
        flagged = Calls(np.dtype, ('f8', False, True), flags)
        FILES = {
            'objects': Calls(np.ndarray, ((1,), objects, b'AAAAAAAA')),
            'structure': Calls(np.ndarray, ((1,), structure, b'AAAAAAAA')),
            'floats': Calls(np.ndarray, ((1,), floats, b'AAAAAAAA')),
            'huge': Calls(np.ndarray, ((2**33,), floats)),
            'scalar': Calls(np.float64(0).__reduce__()[0], (objects, b'AAAAAAAA')),
            'text': np.array(['a']),
            'date': np.array(['2026-11-25'], dtype='M8[D]'),
            'object_state': Calls(*empty[:2], (1, (1,), objects, False, [1])),
            'subclass': Calls(empty[0], (np.memmap, (0,), b'b')),
            'not_a_code': Calls(np.dtype, ('f8,O',)),
        }
    """
    symptom = """
        torch.serialization.add_safe_globals([np.ndarray, np.dtype, type(objects)])
        torch.save(FILES['objects'], 'hostile.pth')
        print('read', torch.load('hostile.pth'))
    """

    def test_symptom(self, tmp_path):
        code = textwrap.dedent(self.hostile) + textwrap.dedent(self.symptom)
        assert run(code, tmp_path).returncode < 0  # ended by a signal

    def test_refused(self, tmp_path):
        code = """
            import mmmotion
            from mmengine.runner import load_checkpoint
            for name, held in FILES.items():
                checkpoint = {'state_dict': {}, 'meta': {'dataset_meta': {'classes': held}}}
                torch.save(checkpoint, 'hostile.pth')
                for load in (torch.load, lambda path: load_checkpoint(torch.nn.ReLU(), path)):
                    try:
                        sys.exit(f'{name}: read {load("hostile.pth")}')
                    except pickle.UnpicklingError:
                        pass
        """
        works(textwrap.dedent(self.hostile) + textwrap.dedent(code), tmp_path)

    def test_harmless(self, tmp_path):
        code = """
            import mmmotion
            # A size in _reconstruct is not allocated, a state of NumPy's own dtype has no effect.
            torch.save(Calls(empty[0], (np.ndarray, (2**40,), b'b')), 'large.pth')
            assert torch.load('large.pth').shape == (0,)
            bits = np.array([1.5]).tobytes()
            torch.save(Calls(*empty[:2], (1, (1,), flagged, False, bits)), 'flagged.pth')
            array = torch.load('flagged.pth')
            assert array.tolist() == [1.5] and type(array) is np.ndarray
            assert not array.dtype.hasobject and not floats.hasobject
            torch.save(Calls(*empty[:2], (1, (2**40,), floats, False, bits)), 'short.pth')
            try:
                sys.exit(f'read {torch.load("short.pth")}')
            except ValueError:
                pass
        """
        works(textwrap.dedent(self.hostile) + textwrap.dedent(code), tmp_path)

    @pytest.mark.parametrize('code', ['?', *np.typecodes['AllInteger'], *'efdg'])
    def test_numbers(self, code, tmp_path):
        array = np.array([[0, 1, 1], [1, 0, 1]], dtype=code, order='F')
        torch.save([array, array[1, 2]], tmp_path / 'numbers.pth')
        read, scalar = torch.load(tmp_path / 'numbers.pth')
        np.testing.assert_array_equal(read, array)
        assert (read.dtype.str, type(read), read.flags.f_contiguous) == (
            array.dtype.str, np.ndarray, True,
        )  # fmt: skip
        assert scalar == 1
        assert scalar.dtype == array.dtype


class TestPkgResources:
    def test_symptom(self, monkeypatch):
        monkeypatch.setitem(sys.modules, 'pkg_resources', None)
        with pytest.raises(ImportError, match='pkg_resources'):
            get_installed_path('mmaction2')

    def test_warning(self, monkeypatch):
        monkeypatch.setitem(sys.modules, 'pkg_resources', None)
        with pytest.warns(UserWarning, match='setuptools<81'):
            compat.apply_cures()

    def test_healthy(self, monkeypatch):
        module = types.ModuleType('pkg_resources')
        module.__spec__ = importlib.machinery.ModuleSpec('pkg_resources', None)
        monkeypatch.setitem(sys.modules, 'pkg_resources', module)
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            compat.apply_cures()


class TestWithoutOpenMMLab:
    rooms = (
        *('apis', 'configs', 'datasets', 'engine', 'evaluation', 'models', 'registry'),
        'visualization',
    )

    @pytest.mark.parametrize('missing', ['mmengine', 'mmcv', 'cv2'])
    def test_message(self, missing):
        works(f"""
            import importlib, sys
            sys.modules[{missing!r}] = None  # as if it were not installed
            import mmmotion.ops
            try:
                import mmmotion.models
            except ModuleNotFoundError as error:
                assert str(error) == (
                    "mmmotion.models: expected MMAction2 and what it needs, got no module "
                    "{missing!r}; install them by pip install 'mmmotion[lite]', or by "
                    "pip install 'mmmotion[mmaction]' beside the full mmcv"
                )
                assert error.name == {missing!r}
            else:
                sys.exit('imported')
        """)

    def test_rooms(self):
        works(f"""
            import importlib, sys
            for name in ('mmengine', 'mmcv', 'mmaction', 'mmpretrain', 'cv2', 'matplotlib'):
                sys.modules[name] = None
            for room in {self.rooms}:
                try:
                    importlib.import_module(f'mmmotion.{{room}}')
                except ModuleNotFoundError as error:
                    assert f'mmmotion.{{room}}: expected MMAction2' in str(error), error
                else:
                    sys.exit(room)
        """)
