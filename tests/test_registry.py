"""Names of ours resolve from every registry, with and without a default scope."""

import importlib
import subprocess
import sys

import mmaction.registry
import pytest

import mmmotion.ops
from mmmotion.registry import MODELS


@pytest.mark.parametrize(
    'lines',
    [
        # ours, unscoped, and upstream's inside it
        "from mmmotion.registry import MODELS; h = MODELS.build(dict(type='VAPHead', "
        'num_classes=3, in_channels=4))',
        # from MMAction2's registry, as a config does; nothing of ours imported by hand
        'import mmmotion; from mmaction.registry import MODELS; h = MODELS.build(dict('
        "type='mmmotion.VAPHead', num_classes=3, in_channels=4))",
        # from the root registry
        'import mmmotion; from mmengine.registry import MODELS; h = MODELS.build(dict('
        "type='mmmotion.VAPHead', num_classes=3, in_channels=4))",
        # a whole recogniser of upstream's with a backbone of ours with one of upstream's inside
        'from mmmotion.registry import MODELS; h = MODELS.build(dict('
        "type='Recognizer2D', backbone=dict(type='mmmotion.MotionBackbone', motion=dict("
        "type='mmmotion.PersistenceOfAppearance'), backbone=dict(type='ResNet', depth=18))))"
        '.backbone',
        # the same after a runner that names no scope has set MMEngine's
        "from mmengine.registry import init_default_scope; init_default_scope('mmengine'); "
        "from mmmotion.registry import MODELS; h = MODELS.build(dict(type='Recognizer2D', "
        "backbone=dict(type='ResNet', depth=18), cls_head=dict(type='mmmotion.VAPHead', "
        'num_classes=3, in_channels=512))).cls_head',
        # and after one that has set MMAction2's
        "from mmengine.registry import init_default_scope; init_default_scope('mmaction'); "
        "from mmmotion.registry import MODELS; h = MODELS.build(dict(type='VAPHead', "
        'num_classes=3, in_channels=4))',
        'from mmmotion.registry import TRANSFORMS; h = TRANSFORMS.build(dict('
        "type='StackedSampleFrames', num_clips=8, clip_len=4))",
        'import mmmotion; from mmaction.registry import TRANSFORMS; h = TRANSFORMS.build(dict('
        "type='mmmotion.StackedSampleFrames', num_clips=8, clip_len=4))",
    ],
)
def test_in_a_fresh_python(lines):
    code = f'{lines}; print(type(h).__module__)'
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().splitlines()[-1].startswith('mmmotion.')


@pytest.mark.parametrize(
    ('name', 'options'),
    [
        ('DisplacementMap', dict(tau=0.5)),
        ('Off', dict(kernel='sobel')),
        ('PersistenceOfAppearance', dict(num_filters=4)),
        ('RepresentationFlow', dict(num_iters=2)),
        ('ResidualFrames', dict(signed=True)),
    ],
)
def test_operators_by_name(name, options):
    module = MODELS.build(dict(type=f'mmmotion.{name}', **options))
    expected = getattr(mmmotion.ops, name)(**options)
    assert type(module) is type(expected)
    assert str(module) == str(expected)


def test_no_default_scope_was_set():
    """The tests of this file would prove nothing if importing us set a scope."""
    code = (
        'import mmmotion; from mmengine.registry import DefaultScope; '
        'print(DefaultScope.get_current_instance())'
    )
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == 'None'


def run(code):
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    return out.stdout


def test_table_before_the_first_build():
    table = run('from mmmotion.registry import MODELS; print(MODELS)')
    for name in ('VAPHead', 'MotionBackbone', 'PersistenceOfAppearance'):
        assert name in table


class TestMisspelt:
    @pytest.mark.parametrize('scope', ['mmaction', 'mmengine'])
    def test_through_upstreams_registry(self, scope):
        registry = importlib.import_module(f'{scope}.registry').MODELS
        expected = (
            'mmmotion.VAPHed is not in the mmmotion::model registry; did you mean mmmotion.VAPHead?'
        )
        with pytest.raises(KeyError, match=expected):
            registry.build(dict(type='mmmotion.VAPHed', num_classes=3, in_channels=4))

    @pytest.mark.parametrize('name', ['VAPHed', 'mmmotion.VAPHed'])
    def test_through_ours(self, name):
        with pytest.raises(KeyError, match=r'VAPHed is not .*; did you mean mmmotion.VAPHead\?'):
            MODELS.build(dict(type=name))

    def test_close_to_none(self):
        """Upstream's own sentence, which names where it looked."""
        with pytest.raises(KeyError, match='mmmotion.Quux is not in the mmaction::model registry'):
            mmaction.registry.MODELS.build(dict(type='mmmotion.Quux'))

    def test_membership(self):
        assert 'VAPHed' not in MODELS
        assert 'VAPHead' in MODELS
