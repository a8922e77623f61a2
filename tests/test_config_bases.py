"""How configs are made: of named steps and lists written once, no data set below another."""

import ast
import inspect
import re
from collections import Counter
from pathlib import Path

import golden
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

CONFIGS = Path(__file__).parents[1] / 'configs'
BASE = CONFIGS / '_base_'
FILES = sorted(CONFIGS.rglob('*.py'))
DATA_BASES = sorted((BASE / 'datasets').glob('*.py'))
PIPELINES = sorted((BASE / 'pipelines').glob('*.py'))
LISTS = sorted((BASE / 'lists').glob('*.py'))
STEPS = BASE / 'steps.py'


def name_of(path):
    return str(path.relative_to(CONFIGS))


def nodes(path):
    return list(ast.walk(ast.parse(path.read_text())))


def assigned(path):
    """Return the values of the variables of a config, as they are written."""
    statements = ast.parse(path.read_text()).body
    return {statement.targets[0].id: statement.value for statement in statements}


def parents(path):
    """Return the files that a config names in ``_base_``."""
    variables = assigned(path)
    if '_base_' not in variables:
        return []
    found = ast.literal_eval(variables['_base_'])
    names = [found] if isinstance(found, str) else found
    return [(path.parent / name).resolve() for name in names]


def read_from_base(path):
    """Return the names that a config reads as ``_base_.name``."""
    return {
        node.attr
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == '_base_'
    }


@pytest.mark.parametrize('path', DATA_BASES, ids=name_of)
def test_a_data_base_is_made_of_steps_and_one_list(path):
    """Its pipelines are its own, or those that several data bases share; no base is above these."""
    steps, *loaders, lists = parents(path)
    assert steps == STEPS or steps in PIPELINES
    assert lists in LISTS
    assert loaders == ([] if lists.stem == 'motion_shapes' else [BASE / 'loaders.py'])
    own = {'train_pipeline', 'test_pipeline'} & set(assigned(path))
    assert len(own) == (2 if steps == STEPS else 0)


def test_what_data_bases_are_made_of_has_no_bases():
    assert [parents(path) for path in PIPELINES] == [[STEPS]] * len(PIPELINES)
    assert all(parents(path) == [] for path in (STEPS, BASE / 'loaders.py', *LISTS))


def test_nothing_is_left_over():
    """Every step, shared pipeline and list is used, and a pipeline of its own file by several."""
    used = Counter(parent for path in DATA_BASES for parent in parents(path))
    assert all(used[path] >= 2 for path in PIPELINES)
    assert all(used[path] >= 1 for path in LISTS)
    read = set().union(*(read_from_base(path) for path in (*DATA_BASES, *PIPELINES)))
    assert set(assigned(STEPS)) <= read
    splits = {
        name for path in LISTS for name in assigned(path) if name.endswith(('_train', '_val'))
    }
    assert splits <= read


@pytest.mark.parametrize('path', FILES, ids=name_of)
def test_steps_have_names(path):
    """No pipeline, nor any list of a base, is cut or picked from by position."""
    for node in nodes(path):
        if isinstance(node, ast.Subscript):
            assert not isinstance(node.slice, (ast.Slice, ast.UnaryOp)), ast.unparse(node)
            assert not isinstance(getattr(node.slice, 'value', ''), int), ast.unparse(node)


@pytest.mark.parametrize('path', FILES, ids=name_of)
def test_a_base_is_not_changed(path):
    """What a config makes of its base is a copy: nothing within ``_base_`` is assigned to."""
    for node in nodes(path):
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            assert isinstance(node.ctx, ast.Load), ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changes = node.func.attr in (
                'append',
                'extend',
                'insert',
                'pop',
                'setdefault',
                'update',
            )
            assert not (changes and '_base_' in ast.unparse(node.func)), ast.unparse(node)


def test_a_list_is_written_once():
    """Where the media and the lists of a data set are is known to one file."""
    files = {}
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.Constant) and str(node.value).startswith('data/'):
                files.setdefault(node.value, []).append(path)
    lists = {name: found for name, found in files.items() if name.endswith('.txt')}
    assert {name: len(found) for name, found in lists.items()} == dict.fromkeys(lists, 1)
    assert all(len(set(found)) == 1 for found in files.values())
    assert all(found[0] in LISTS for found in files.values())
    assert len(lists) == 2 * 10


def test_names_of_steps_do_not_reach_the_runner():
    """MMEngine's runner takes arguments by name: a step or list of such a name would be one."""
    arguments = set(inspect.signature(Runner.__init__).parameters) | set(golden.RUNNER)
    for path in (STEPS, *PIPELINES, *LISTS):
        loaders = {'train_dataloader', 'val_dataloader', 'test_dataloader'}
        meant = {*loaders, 'val_evaluator', 'test_evaluator'} if 'shapes' in path.stem else set()
        assert set(Config.fromfile(path)) & arguments <= meant, path


def test_the_example_of_other_folders(tmp_path):
    """What docs/data.md says to change of a loader reaches its data set, and nothing else does."""
    text = (CONFIGS.parent / 'docs/data.md').read_text()
    (example,) = re.findall(r"```python\n(_base_ = '.*?)```", text, re.S)
    (tmp_path / 'mine.py').write_text(example)
    mine = Config.fromfile(tmp_path / 'mine.py')
    ours = Config.fromfile(CONFIGS / 'pan/pan_lite_r50_ucf101.py')
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        found, before = mine[loader].dataset, ours[loader].dataset
        assert before.data_prefix == dict(video='data/ucf101/videos')
        assert found.data_prefix == dict(video='/data/ucf101')
        assert found.ann_file == before.ann_file
        assert [step.type for step in found.pipeline] == [step.type for step in before.pipeline]
