"""MMAction2 and mmpretrain beside a transformers that lacks what their multimodal models use.

A stand-in for transformers is put before everything on the path of a fresh Python.
"""

import pytest
from test_compat import fails, works, write
from test_compat import run as run_python

IMPORTS = """
import mmmotion
{0}
import mmaction.models
import mmpretrain.models
from mmaction.registry import MODELS
try:
    MODELS.build(dict(type='mmaction.VindLUVQA'))
except ImportError as error:
    assert 'multi-modal dependencies' in str(error), error
"""
WITHOUT_CURE = "mmmotion.compat._HOOK.cures.pop('mmaction.utils.dependency')"


@pytest.fixture
def transformers(tmp_path):
    metadata = 'Metadata-Version: 2.1\nName: transformers\nVersion: 5.17.0\n'
    write(
        tmp_path,
        {
            'transformers/__init__.py': '',
            'transformers/modeling_utils.py': '',
            'transformers-5.17.0.dist-info/METADATA': metadata,
        },
    )
    return tmp_path


def test_symptom(transformers):
    result = run_python(IMPORTS.format(WITHOUT_CURE), transformers)
    assert fails(result, "'transformers")


def test_cure(transformers):
    works(IMPORTS.format(''), transformers)


def test_healthy(tmp_path):
    # One that has the function is left to them.
    write(
        tmp_path,
        {
            'transformers/__init__.py': '',
            'transformers/modeling_utils.py': 'apply_chunking_to_forward = print\n',
            'transformers-4.40.0.dist-info/METADATA': (
                'Metadata-Version: 2.1\nName: transformers\nVersion: 4.40.0\n'
            ),
        },
    )
    works(
        """
        import mmmotion
        from mmaction.utils.dependency import WITH_MULTIMODAL
        assert WITH_MULTIMODAL
        """,
        tmp_path,
    )
