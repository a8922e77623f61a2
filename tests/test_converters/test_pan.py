"""The authors' checkpoints of PAN give, converted, the scores of the authors' code."""

import json
import pickle
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope
from reference import pan_network as reference

import mmmotion  # noqa: F401
from mmmotion.apis import init_recognizer
from mmmotion.converters.pan import convert_released, infer_model

ROOT = Path(__file__).parents[2]
DATA = ROOT / 'tests/data'
KEYS = json.loads((DATA / 'pan_keys.json').read_text())
GOLDEN = np.load(DATA / 'pan_outputs.npz')
TINY = dict(segments=4, num_classes=5)


def clip_len_of(kind):
    return 1 if kind == 'RGB' else 4


def draw(*shape):
    return torch.from_numpy(np.random.RandomState(1).standard_normal(shape).astype('f4'))


def relative(out, expected):
    assert out.shape == expected.shape
    return ((out - expected).norm() / expected.norm()).item()


def load(model, state_dict):
    with DefaultScope.overwrite_default_scope('mmaction'):
        model = MODELS.build(model).eval()
    model.load_state_dict(state_dict, strict=True)
    return model


@torch.no_grad()
def classify(model, frames, segments, clip_len):
    """Show ``model`` the frames as our pipeline would, normalised already."""
    stacks = frames.unflatten(1, (segments, clip_len, 3))
    clips = stacks.transpose(2, 3) if clip_len > 1 else stacks.squeeze(2)
    return model(clips.contiguous(), mode='tensor', stage='head')


@pytest.fixture
def convert(monkeypatch, capsys, tmp_path):
    """Run the tool on what is given, a file or its content; return its status, OUT and its say."""

    def convert(content, *options):
        source, out = tmp_path / 'in.pth', tmp_path / 'out.pth'
        if content is not None:
            torch.save(content, source)
        monkeypatch.setattr(sys, 'argv', ['tool', str(source), str(out), *map(str, options)])
        status = 0
        try:
            runpy.run_path(str(ROOT / 'tools/convert/pan_pytorch.py'), run_name='__main__')
        except SystemExit as leave:
            status = leave.code
        return status, out, capsys.readouterr()

    return convert


def assert_refused(result, *said):
    """Assert that the answer was one sentence, and no file."""
    status, out, captured = result
    assert status == 2
    (line,) = captured.err.splitlines()
    assert line.startswith('error: ')
    for part in said:
        assert part in line
    assert list(out.parent.glob('out.pth*')) == []


class TestSlowVersion:
    """What the other depths are compared with, itself against the released code."""

    @pytest.mark.parametrize('name', sorted(KEYS))
    def test_keys(self, name):
        kind, depth, _ = name.split('-')
        released = {k: tuple(s) for k, s in KEYS[name].items() if not k.endswith('_tracked')}
        (num_classes,) = released['base_model.fc.pred.bias']
        depth = int(depth.removeprefix('resnet'))
        shapes = reference.released_shapes(kind, depth, segments=8, num_classes=num_classes)
        assert shapes == released

    @pytest.mark.parametrize('name', sorted(GOLDEN))
    def test_scores(self, name):
        kind = name.split('-')[0]
        weights = reference.released_weights(kind, 18, segments=8, num_classes=7)
        clip_len = clip_len_of(kind)
        out = reference.scores(
            weights, draw(2, 8 * clip_len * 3, 48, 64), segments=8, clip_len=clip_len
        )
        assert relative(out, torch.from_numpy(GOLDEN[name])) < 1e-6


class TestScores:
    @pytest.mark.parametrize('name', sorted(GOLDEN))
    def test_released(self, convert, tmp_path, name):
        """From the authors' file, through OUT and the printed config, to the authors' scores."""
        kind = name.split('-')[0]
        weights = reference.released_weights(kind, 18, segments=8, num_classes=7)
        content = dict(epoch=3, state_dict={f'module.{k}': v for k, v in weights.items()})
        status, out, captured = convert(content)
        assert status == 0
        config = tmp_path / 'model.py'
        config.write_text(captured.out)
        model = init_recognizer(str(config), str(out))
        clip_len = clip_len_of(kind)
        scores = classify(model, draw(2, 8 * clip_len * 3, 48, 64), 8, clip_len)
        assert relative(scores, torch.from_numpy(GOLDEN[name])) < 1e-5

    @pytest.mark.parametrize(
        ('kind', 'depth', 'segments', 'clip_len', 'num_classes', 'told'),
        [
            ('Lite', 34, 16, 4, 5, {}),
            ('Lite', 50, 12, 6, 11, dict(num_segments=12)),
            ('Lite', 101, 4, 3, 9, {}),
            ('PA', 18, 8, 6, 4, dict(kind='pa')),
            ('PA', 34, 3, 2, 3, dict(num_segments=3)),
            ('PA', 101, 8, 4, 6, {}),
            ('RGB', 50, 2, 1, 174, {}),
            ('RGB', 101, 4, 1, 5, {}),
        ],
    )
    def test_every_network(self, kind, depth, segments, clip_len, num_classes, told):
        weights = reference.released_weights(
            kind, depth, segments=segments, num_classes=num_classes, clip_len=clip_len
        )
        model = infer_model(weights, **told)
        assert model['cls_head']['num_classes'] == num_classes
        model = load(model, convert_released(weights, model))
        frames = draw(2, segments * clip_len * 3, 32, 40)
        expected = reference.scores(weights, frames, segments=segments, clip_len=clip_len)
        assert relative(classify(model, frames, segments, clip_len), expected) < 1e-5

    def test_without_shift(self):
        weights = reference.released_weights('Lite', 18, **TINY)
        weights = {key.replace('.net.', '.'): value for key, value in weights.items()}
        model = infer_model(weights)
        model = load(model, convert_released(weights, model))
        frames = draw(1, 4 * 4 * 3, 32, 40)
        expected = reference.scores(weights, frames, segments=4, clip_len=4)
        assert relative(classify(model, frames, 4, 4), expected) < 1e-5


class TestFile:
    def test_says_what_it_is(self, convert):
        weights = reference.released_weights('PA', 18, segments=4, num_classes=5, clip_len=3)
        _, out, captured = convert(weights)
        said = 'PAN PA, ResNet-18, 4 segments of m=3 frames, 5 classes'
        assert said in captured.out.splitlines()[0]
        meta = torch.load(out, weights_only=True)['meta']
        assert meta['description'].endswith(said)
        assert meta['source'] == 'in.pth'
        printed = Config.fromstring(captured.out, '.py').model.to_dict()
        assert printed == meta['model'] == infer_model(weights)

    def test_says_what_else_it_can_be(self, convert):
        _, _, captured = convert(reference.released_weights('Lite', 18, **TINY))
        said = '# The same keys have 6 segments (--num-segments) and a PA branch of m=7 frames'
        assert said in captured.out

    @pytest.mark.parametrize('prefix', ['', 'module.'])
    @pytest.mark.parametrize('legacy', [False, True])
    def test_ways_to_save(self, convert, tmp_path, prefix, legacy):
        weights = reference.released_weights('RGB', 18, **TINY)
        named = {prefix + key: value for key, value in weights.items()}
        torch.save(named, tmp_path / 'in.pth', _use_new_zipfile_serialization=not legacy)
        status, out, _ = convert(None)
        assert status == 0
        state_dict = torch.load(out, weights_only=True)['state_dict']
        expected = weights['base_model.layer3.1.conv1.net.weight']
        assert torch.equal(state_dict['backbone.layer3.1.conv1.conv.net.weight'], expected)

    def test_counters(self):
        """Kept where the file has them, 0 where it does not."""
        weights = reference.released_weights('RGB', 18, **TINY)
        weights['base_model.bn1.num_batches_tracked'] = torch.tensor(7)
        state_dict = convert_released(weights, infer_model(weights))
        assert state_dict['backbone.conv1.bn.num_batches_tracked'] == 7
        assert state_dict['backbone.layer1.0.conv1.bn.num_batches_tracked'] == 0

    def test_for_our_config(self, convert):
        config = ROOT / 'configs/pan/pan_lite_r50_sthv2.py'
        weights = reference.released_weights('Lite', 50, segments=8, num_classes=174)
        status, out, captured = convert(weights, '--config', config)
        assert status == 0
        assert str(config) in captured.out
        init_recognizer(str(config), str(out))


class TestMistakes:
    @pytest.fixture(scope='class')
    def lite(self):
        return reference.released_weights('Lite', 18, **TINY)

    def test_unknown_key(self, convert, lite):
        content = {**lite, 'base_model.layer1.0.conv9.weight': torch.zeros(1)}
        assert_refused(convert(content), 'no place for base_model.layer1.0.conv9.weight')

    @pytest.mark.parametrize('index', range(3))
    def test_missing_key(self, convert, lite, index):
        key = ('base_model.conv1.weight', 'PA.shallow_conv.bias', 'base_model.layer4.1.bn2.bias')
        content = {name: value for name, value in lite.items() if name != key[index]}
        assert_refused(convert(content), key[index])

    def test_block_without_shift(self, convert, lite):
        """A mixture that no released network has."""
        key = 'base_model.layer1.0.conv1.net.weight'
        content = {k.replace('.net', '') if k == key else k: v for k, v in lite.items()}
        assert_refused(convert(content), f'missing {key}', key.replace('.net', ''))

    def test_other_blocks(self, convert, lite):
        content = {k: v for k, v in lite.items() if not k.startswith('base_model.layer3.1')}
        assert_refused(convert(content), 'ResNet-[18, 34', 'got (2, 2, 1, 2)')

    @pytest.mark.parametrize('key', ['base_model.conv1.weight', 'base_model.fc.pred.weight'])
    def test_other_dimensions(self, convert, lite, key):
        assert_refused(convert({**lite, key: torch.zeros(6)}), f'expected {key} with', 'got (6,)')

    def test_other_network(self, convert):
        content = {'features.0.weight': torch.zeros(4, 3, 7, 7)}
        assert_refused(convert(content), 'expected base_model.conv1.weight')

    def test_other_config(self, convert, lite):
        config = ROOT / 'configs/pan/pan_lite_r18_motionshapes.py'
        said = 'base_model.fc.pred.weight of the shape (8, 512), got (5, 512)'
        assert_refused(convert(lite, '--config', config), said)

    @pytest.mark.parametrize(
        ('options', 'said'),
        [
            (('--num-segments', 16), 'TES.0.weight of the shape (60, 15), got (12, 3)'),
            (('--num-segments', 7), 'num_segments: expected 2^n or 3 * 2^n'),
            (('--kind', 'rgb'), 'no place for PA.shallow_conv.bias'),
        ],
    )
    def test_told_wrong(self, convert, lite, options, said):
        assert_refused(convert(lite, *options), said)

    @pytest.mark.parametrize('kind', ['lite', 'pa'])
    def test_told_of_a_pa_that_is_not_there(self, convert, kind):
        weights = reference.released_weights('RGB', 18, **TINY)
        assert_refused(convert(weights, '--kind', kind))

    @pytest.mark.parametrize('legacy', [False, True])
    def test_truncated(self, convert, lite, tmp_path, legacy):
        source = tmp_path / 'in.pth'
        torch.save(lite, source, _use_new_zipfile_serialization=not legacy)
        source.write_bytes(source.read_bytes()[: 2**20])
        assert_refused(convert(None), 'checkpoint: expected a whole PyTorch checkpoint')

    @pytest.mark.parametrize('pickled', [False, True])
    def test_foreign_pickle(self, convert, tmp_path, pickled):
        content = dict(state_dict=dict(weight=Evil(tmp_path / 'ran')))
        if pickled:
            (tmp_path / 'in.pth').write_bytes(pickle.dumps(content, protocol=2))
            content = None
        assert_refused(convert(content), 'checkpoint: expected ')
        assert not (tmp_path / 'ran').exists()

    @pytest.mark.parametrize('content', [[1, 2], {'state_dict': [1]}, {'a': 1}, {1: 2}])
    def test_no_weights(self, convert, content):
        assert_refused(convert(content), 'checkpoint: expected')

    def test_no_file(self, convert):
        assert_refused(convert(None), 'checkpoint: expected a file, got')

    def test_nowhere_to_write(self, convert, lite, tmp_path, monkeypatch):
        (tmp_path / '.out.pth.partial').mkdir()
        status, out, _ = convert(lite)
        assert status == 2
        assert not out.exists()

    def test_out_is_in(self, monkeypatch, capsys, convert, lite, tmp_path):
        torch.save(lite, tmp_path / 'out.pth')
        (tmp_path / 'in.pth').symlink_to(tmp_path / 'out.pth')
        before = (tmp_path / 'out.pth').read_bytes()
        status, out, captured = convert(None)
        assert status == 2
        assert 'OUT: expected another file than IN' in captured.err
        assert out.read_bytes() == before


class Evil:
    """Unpickling it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), 'w')
