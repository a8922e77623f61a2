"""From published folders to a batch: MMAction2's lists, our check of the data, our loaders."""

from collections import Counter

import layouts
import pytest
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmmotion.apis import load_config

from .conftest import ROOT

ONE_VIEW = ((8, 3, 4, 224, 224), (8, 3, 4, 224, 224))
TWO_VIEWS = ((8, 3, 4, 224, 224), (16, 3, 4, 256, 256))
# Of a data set: the script that writes its lists, a config, and its samples in training and test.
CASES = dict(
    sthv1=('rawframes', 'pan/pan_lite_r50_sthv1.py', ONE_VIEW),
    sthv2=('videos', 'pan/pan_lite_r50_sthv2.py', ONE_VIEW),
    jester=('rawframes', 'pan/pan_lite_r50_jester.py', ONE_VIEW),
    kinetics400=('videos', 'pan/pan_lite_r50_kinetics400.py', TWO_VIEWS),
    ucf101=('videos', 'pan/pan_lite_r50_ucf101.py', TWO_VIEWS),
    hmdb51=('videos', 'pan/pan_lite_r50_hmdb51.py', TWO_VIEWS),
)
VIDEOS_OF_A_CLASS = dict(ucf101=(2, 1), hmdb51=(2, 1))  # in training and test; else one


@pytest.fixture(scope='module')
def published(tmp_path_factory):
    """Return the folder in which a data set lies under ``data``, written when first asked for."""
    root = tmp_path_factory.mktemp('published')

    def write(name):
        if not (root / 'data' / name).exists():
            layouts.write_layout(root, name)
        return root

    return write


def walk(call, root, config, shapes, videos):
    """Check the data of a config from ``root``, and take a batch of its loaders."""
    config = str(ROOT / 'configs' / config)
    status, out, err = call('tools/analysis_tools/check_data.py', config, cwd=root)
    assert (status, out.splitlines()[-1]) == (0, '0 problems'), err
    cfg = load_config(config)
    init_default_scope('mmaction')
    for part, shape, count in zip(('train', 'test'), shapes, videos, strict=True):
        alone = dict(num_workers=0, persistent_workers=False, batch_size=2)
        loader = Runner.build_dataloader(dict(cfg[f'{part}_dataloader'], **alone), seed=0)
        infos = [loader.dataset.get_data_info(index) for index in range(len(loader.dataset))]
        assert Counter(info['label'] for info in infos) == {0: count, 1: count}
        batch = next(iter(loader))
        assert [clip.shape for clip in batch['inputs']] == [shape, shape]


def test_every_data_set_of_a_base_is_here():
    names = {path.stem for path in (ROOT / 'configs/_base_/datasets').glob('*.py')}
    assert {name for name in names if '_' not in name} == {*CASES}


@pytest.mark.parametrize('name', CASES)
def test_lists_check_and_batch(published, call, name):
    kind, config, shapes = CASES[name]
    root = published(name)
    layouts.write_lists(root, name, kind)
    walk(call, root, config, shapes, VIDEOS_OF_A_CLASS.get(name, (1, 1)))


def test_flow_in_files(published, call):
    """With the option of docs/data.md, without which the lists hold the numbers of RGB frames."""
    option = ['--rgb-prefix', 'flow_x_']
    assert f'`{" ".join(option)}`' in (ROOT / 'docs/data.md').read_text()
    config = 'off/off_tsn_flow_bninception_ucf101.py'
    root = published('ucf101')
    layouts.write_lists(root, 'ucf101', 'rawframes')
    status, out, _ = call('tools/analysis_tools/check_data.py', ROOT / 'configs' / config, cwd=root)
    assert (status, out.splitlines()[-1]) == (1, '6 problems')
    assert 'without flow_x_00040.jpg' in out
    layouts.write_lists(root, 'ucf101', 'rawframes', option)
    walk(call, root, config, ((7, 10, 224, 224), (25, 10, 224, 224)), (2, 1))


def test_some_classes_of_kinetics(published, call):
    root = published('kinetics400')
    layouts.write_lists(root, 'kinetics400')
    lists = root / 'data/kinetics400'
    (root / 'classes.txt').write_text('yoga\nair drumming\n')
    for part in ('train', 'val'):
        given = lists / f'kinetics400_{part}_list_videos.txt'
        script = 'tools/data/kinetics/select_classes.py'
        call(script, root / 'classes.txt', given, lists / f'tinykinetics_{part}_list.txt')
    clip = (1, 3, 16, 112, 112)
    walk(call, root, 'repflow/repflow_rgb_r34_tinykinetics.py', (clip, clip), (1, 1))
