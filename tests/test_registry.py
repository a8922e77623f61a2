"""Names of ours resolve from every registry, with and without a default scope."""

import subprocess
import sys

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
