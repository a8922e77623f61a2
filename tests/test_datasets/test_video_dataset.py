import shutil

import cv2
import numpy as np
import pytest
from layouts import write_video
from torch.utils.data import DataLoader

from mmmotion.datasets import VideoError, check_video
from mmmotion.datasets.motion_shapes import CLASSES, SPLITS
from mmmotion.registry import DATASETS, TRANSFORMS

DECODE = [
    dict(type='mmaction.DecordInit'),
    dict(type='mmmotion.StackedSampleFrames', num_clips=2, clip_len=4),
    dict(type='mmaction.DecordDecode'),
]
PIPELINE = [
    *DECODE,
    dict(type='mmaction.FormatShape', input_format='NCTHW'),
    dict(type='mmaction.PackActionInputs'),
]
BAD = ['missing.mp4', 'empty.mp4', 'half.mp4', 'text.mp4', 'picture.mp4', 'short.mp4']


@TRANSFORMS.register_module()
class FailOnPurpose:
    def __init__(self, error):
        self.error = error

    def __call__(self, results):
        raise self.error('a mistake in the pipeline')


@pytest.fixture(scope='module')
def videos(tmp_path_factory, tiny_root):
    """Two good files, and one of each bad kind."""
    folder = tmp_path_factory.mktemp('videos')
    good = sorted((tiny_root / 'videos/train').iterdir())
    for i in (0, 1):
        shutil.copy(good[i], folder / f'good{i}.mp4')
    content = good[0].read_bytes()
    (folder / 'empty.mp4').write_bytes(b'')
    (folder / 'half.mp4').write_bytes(content[: len(content) // 2])
    (folder / 'text.mp4').write_bytes(b'not a video\n' * 300)
    picture = cv2.imencode('.png', np.zeros((32, 32, 3), np.uint8))[1]
    (folder / 'picture.mp4').write_bytes(picture.tobytes())
    write_video(folder / 'short.mp4', np.zeros((3, 32, 32, 3), np.uint8))
    damaged = np.frombuffer(content, np.uint8).copy()
    damaged[200:-1500] = np.random.default_rng(0).integers(0, 256, len(damaged) - 1700)
    (folder / 'damaged.mp4').write_bytes(damaged.tobytes())
    return folder


def build(videos, lines, pipeline=PIPELINE, **kwargs):
    ann_file = videos / 'list.txt'
    ann_file.write_text('\n'.join(lines) + '\n')
    kwargs = dict(data_prefix=dict(video=str(videos)), **kwargs)
    config = dict(type='mmmotion.RobustVideoDataset', ann_file=str(ann_file), pipeline=pipeline)
    return DATASETS.build(dict(**config, **kwargs))


class TestCheckVideo:
    def test_counts_the_frames(self, videos):
        assert check_video(videos / 'good0.mp4') == 12
        assert check_video(str(videos / 'short.mp4'), min_frames=3) == 3

    @pytest.mark.parametrize(
        ('name', 'error', 'said'),
        [
            ('missing.mp4', FileNotFoundError, 'expected a video file, got no such file'),
            ('.', VideoError, 'expected a video file, got a directory'),
            ('empty.mp4', VideoError, 'expected a video file, got an empty file'),
            ('half.mp4', VideoError, r'got \d+ bytes that decord cannot decode'),
            ('text.mp4', VideoError, 'got 3600 bytes that decord cannot decode'),
            ('picture.mp4', VideoError, r'got \d+ bytes that decord cannot decode'),
            ('damaged.mp4', VideoError, r'got \d+ bytes that decord cannot decode'),
            ('short.mp4', VideoError, 'expected a video of at least 4 frames, got 3'),
        ],
    )
    def test_exception(self, videos, name, error, said):
        with pytest.raises(error, match=said) as caught:
            check_video(videos / name, min_frames=4)
        assert str(caught.value).startswith(f'{videos / name}: ')
        assert '\n' not in str(caught.value)
        assert error is FileNotFoundError or isinstance(caught.value, ValueError)


class TestRobustVideoDataset:
    def test_good_videos(self, videos, logged):
        dataset = build(videos, ['good0.mp4 0', '', 'good1.mp4 1'], num_classes=2)
        assert len(dataset) == 2
        for i in (0, 1):
            assert dataset[i]['inputs'].shape == (2, 3, 4, 32, 32)
            assert dataset[i]['data_samples'].gt_label.tolist() == [i]
        assert not logged

    @pytest.mark.parametrize('name', [*BAD, 'damaged.mp4'])
    def test_training_skips_and_logs_once(self, videos, logged, name):
        dataset = build(videos, [f'{name} 0', 'good1.mp4 1'])
        for _ in range(3):
            assert dataset[0]['data_samples'].gt_label.tolist() == [1]
        assert len(logged) == 1
        assert logged[0].startswith(f'Skipped: {videos / name}: expected a video')
        assert '\n' not in logged[0]

    @pytest.mark.parametrize('name', [*BAD, 'damaged.mp4'])
    def test_testing_names_the_file(self, videos, name):
        dataset = build(videos, ['good1.mp4 1', f'{name} 0'], test_mode=True)
        assert dataset[0]['data_samples'].gt_label.tolist() == [1]
        with pytest.raises((ValueError, FileNotFoundError), match=f'{name}: expected') as caught:
            dataset[1]
        assert '\n' not in str(caught.value)

    def test_workers_log_once_together(self, videos, logged):
        dataset = build(videos, [f'{name} 0' for name in BAD] + ['good0.mp4 1'] * 6)
        loader = DataLoader(dataset, batch_size=4, num_workers=2, collate_fn=list)
        for _ in range(2):
            labels = [int(d['data_samples'].gt_label) for batch in loader for d in batch]
            assert labels == [1] * 12
        assert len(set(logged)) == len(BAD)
        assert len(logged) <= len(BAD) + 1  # two workers may meet a file at the same moment

    def test_replacement_follows_the_seed(self, videos, logged):
        dataset = build(videos, ['empty.mp4 0', *[f'good{i % 2}.mp4 {i}' for i in range(1, 20)]])
        drawn = []
        for seed in (0, 0, 1, 2, 3):
            np.random.seed(seed)
            drawn.append(int(dataset[0]['data_samples'].gt_label))
        assert drawn[0] == drawn[1]
        assert len(set(drawn)) > 1

    def test_all_bad_is_one_error(self, videos, logged):
        dataset = build(videos, [f'{name} 0' for name in BAD])
        with pytest.raises(ValueError, match='expected a usable video among up to 1001 tried'):
            dataset[0]
        assert len(logged) == len(BAD)
        bounded = build(videos, [f'{name} 0' for name in BAD], max_refetch=2)
        with pytest.raises(ValueError, match='up to 3 tried'):
            bounded[0]

    @pytest.mark.parametrize('error', [ValueError, RuntimeError, KeyError])
    @pytest.mark.parametrize('test_mode', [False, True])
    def test_a_mistake_in_the_pipeline_is_not_hidden(self, videos, error, test_mode):
        pipeline = [*DECODE, dict(type='mmmotion.FailOnPurpose', error=error)]
        dataset = build(videos, ['good0.mp4 0'], pipeline, test_mode=test_mode)
        with pytest.raises(error, match='a mistake in the pipeline'):
            dataset[0]

    @pytest.mark.parametrize(
        ('line', 'said'),
        [
            (
                'good0.mp4 2',
                r'list.txt, line 2: expected a label of 0 to 1 \(num_classes=2\), got 2',
            ),
            ('good0.mp4 -1', r'line 2: expected a label of 0 to 1 \(num_classes=2\), got -1'),
            ('good0.mp4 left', "line 2: expected an integer label, got 'left'"),
            ('good0.mp4', 'line 2: expected "path label", got \'good0.mp4\''),
        ],
    )
    def test_list_is_checked(self, videos, line, said):
        with pytest.raises(ValueError, match=said):
            build(videos, ['good0.mp4 0', line], num_classes=2)

    def test_list_without_labels_is_for_testing(self, videos):
        dataset = build(videos, ['good0.mp4'], test_mode=True, num_classes=2)
        assert dataset.get_data_info(0)['label'] == -1

    def test_path_may_hold_the_delimiter(self, videos):
        shutil.copy(videos / 'good0.mp4', videos / 'very good.mp4')
        dataset = build(videos, ['very good.mp4 1'])
        assert dataset[0]['data_samples'].gt_label.tolist() == [1]

    def test_multi_class(self, videos):
        lines = ['good0.mp4 0 2', 'good1.mp4 1']
        dataset = build(videos, lines, multi_class=True, num_classes=3)
        assert dataset.get_data_info(0)['label'].tolist() == [1, 0, 1]
        with pytest.raises(ValueError, match='expected a label of 0 to 1'):
            build(videos, lines, multi_class=True, num_classes=2)

    def test_missing_paths(self, videos):
        config = dict(type='mmmotion.RobustVideoDataset', pipeline=PIPELINE)
        with pytest.raises(FileNotFoundError, match='nowhere.txt: expected an annotation file'):
            DATASETS.build(dict(config, ann_file=str(videos / 'nowhere.txt')))
        (videos / 'one.txt').write_text('good0.mp4 0\n')
        prefix = dict(video=str(videos / 'nowhere'))
        with pytest.raises(FileNotFoundError, match='nowhere: expected a directory of videos'):
            DATASETS.build(dict(config, ann_file=str(videos / 'one.txt'), data_prefix=prefix))

    def test_empty_list(self, videos):
        with pytest.raises(ValueError, match='expected at least one video, got an empty list'):
            build(videos, [])


class TestMotionShapesDataset:
    @pytest.fixture
    def config(self, tiny_root):
        spec = dict(image_size=32, num_frames=12, num_train=16, num_val=8, num_test=8)
        root = str(tiny_root)
        return dict(
            type='mmmotion.MotionShapesDataset', data_root=root, spec=spec, pipeline=PIPELINE
        )

    @pytest.mark.parametrize('split', SPLITS)
    def test_splits(self, config, split):
        dataset = DATASETS.build(dict(config, split=split))
        assert len(dataset) == config['spec'][f'num_{split}']
        assert dataset.metainfo['classes'] == CLASSES
        assert dataset.num_classes == 8
        assert dataset[3]['data_samples'].gt_label.tolist() == [3]

    def test_made_on_first_use(self, config, tmp_path, capfd):
        config.update(data_root=str(tmp_path / 'a'), spec=dict(config['spec'], num_train=8))
        lazy = DATASETS.build(dict(config, lazy_init=True))
        assert not (tmp_path / 'a').exists()
        assert len(lazy) == 8
        assert '24/24' in capfd.readouterr().err
        assert len(DATASETS.build(dict(config, split='val'))) == 8
        assert 'MotionShapes' not in capfd.readouterr().err

    def test_only_the_main_process_makes(self, config, tmp_path, monkeypatch):
        module = 'mmmotion.datasets.motion_shapes_dataset'
        monkeypatch.setattr(f'{module}.is_main_process', lambda: False)
        with pytest.raises(FileNotFoundError, match='expected an annotation file'):
            DATASETS.build(dict(config, data_root=str(tmp_path / 'a')))
        failure = ValueError('the main process failed')
        monkeypatch.setattr(f'{module}.broadcast_object_list', lambda box: box.insert(0, failure))
        with pytest.raises(ValueError, match='the main process failed'):
            DATASETS.build(config)

    def test_exception(self, config):
        with pytest.raises(ValueError, match="split: expected one of train, val, test, got 'dev'"):
            DATASETS.build(dict(config, split='dev'))
        with pytest.raises(ValueError, match='with image_size=32'):
            DATASETS.build(dict(config, spec=dict(config['spec'], image_size=64)))
