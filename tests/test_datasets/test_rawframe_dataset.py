import numpy as np
import pytest
from layouts import write_images
from torch.utils.data import DataLoader

from mmmotion.datasets import VideoError, check_frames
from mmmotion.registry import DATASETS

NUM_FRAMES = 12
TEMPLATE = '{:05}.jpg'
PIPELINE = [
    dict(type='mmmotion.StackedSampleFrames', num_clips=2, clip_len=4),
    dict(type='mmaction.RawFrameDecode'),
    dict(type='mmaction.FormatShape', input_format='NCTHW'),
    dict(type='mmaction.PackActionInputs'),
]
# Of 12 frames it takes 3 to 6 and 7 to 10.
FIXED = [dict(PIPELINE[0], test_mode=True), *PIPELINE[1:]]
# Line of the list, without its label, and the error that names it.
BAD = {
    'nowhere 12': 'nowhere: expected a directory of frames, got no such one',
    'good0 20': (
        'good0: expected the 20 frames of the list, 00001.jpg to 00020.jpg, got 12 of them, '
        'without 00013.jpg'
    ),
    'gap 12': 'gap: expected the 12 frames of the list, .* got 11 of them, without 00005.jpg',
    'empty 12': '00004.jpg: expected an image, got 0 bytes that cannot be decoded',
    'text 12': '00003.jpg: expected an image, got 12 bytes that cannot be decoded',
    'good0 3': 'good0: expected a video of at least 4 frames, got 3',
}


def write_frames(folder, offset=0):
    """Write frames whose brightness is ten times their number."""
    numbers = range(1, NUM_FRAMES + 1)
    frames = [np.full((24, 32, 3), 10 * number + offset, np.uint8) for number in numbers]
    write_images(folder, frames, TEMPLATE)


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp('frames')
    for name in ('good0', 'good1', 'gap', 'empty', 'text'):
        write_frames(root / name)
    (root / 'gap/00005.jpg').unlink()
    (root / 'empty/00004.jpg').write_bytes(b'')
    (root / 'text/00003.jpg').write_bytes(b'not a frame\n')
    return root


def build(folders, lines, pipeline=PIPELINE, **kwargs):
    ann_file = folders / 'list.txt'
    ann_file.write_text('\n'.join(lines) + '\n')
    own = dict(data_prefix=dict(img=str(folders)), filename_tmpl=TEMPLATE)
    config = dict(type='mmmotion.RobustRawframeDataset', ann_file=str(ann_file), pipeline=pipeline)
    return DATASETS.build({**config, **own, **kwargs})


def label_of(data):
    return data['data_samples'].gt_label.tolist()


class TestGoodFrames:
    def test_frames_are_the_sampled_ones(self, folders, logged):
        dataset = build(folders, ['good0 12 0', '', 'good1 12 1'], FIXED, test_mode=True)
        assert len(dataset) == 2
        clip = dataset[1]['inputs']
        assert clip.shape == (2, 3, 4, 24, 32)
        # 9 possible starts in 2 segments: int(4.5 / 2) = 2 and int(4.5 / 2 + 4.5) = 6; from 1.
        shown = np.array([[30, 40, 50, 60], [70, 80, 90, 100]])
        assert abs(clip.float().mean(dim=(1, 3, 4)).numpy() - shown).max() < 2
        assert label_of(dataset[1]) == [1]
        assert not logged

    def test_offset(self, folders):
        fixed = [dict(PIPELINE[0], test_mode=True, num_clips=1), *PIPELINE[1:]]
        dataset = build(folders, ['good0 8 4 1'], fixed, with_offset=True, test_mode=True)
        shown = dataset[0]['inputs'].float().mean(dim=(0, 1, 3, 4)).numpy()
        assert abs(shown - [90, 100, 110, 120]).max() < 2
        too_many = build(folders, ['good0 8 5 1'], fixed, with_offset=True, test_mode=True)
        with pytest.raises(VideoError, match='5 frames of the list, 00009.jpg to 00013.jpg, got 4'):
            too_many[0]

    def test_check_frames(self, folders):
        check_frames(folders / 'good0', NUM_FRAMES, filename_tmpl=TEMPLATE)
        with pytest.raises(VideoError, match='without 00013.jpg'):
            check_frames(folders / 'good0', NUM_FRAMES + 1, filename_tmpl=TEMPLATE)


class TestBadFrames:
    @pytest.mark.parametrize('line', BAD)
    def test_training_skips_and_logs_once(self, folders, logged, line):
        dataset = build(folders, [f'{line} 0', 'good1 12 1'], FIXED)
        assert [label_of(dataset[0]) for _ in range(3)] == [[1]] * 3
        assert len(logged) == 1
        assert logged[0].startswith(f'Skipped: {folders / line.split()[0]}')
        assert '\n' not in logged[0]

    @pytest.mark.parametrize(('line', 'said'), BAD.items())
    def test_testing_names_the_folder(self, folders, line, said):
        dataset = build(folders, ['good1 12 1', f'{line} 0'], FIXED, test_mode=True)
        assert label_of(dataset[0]) == [1]
        with pytest.raises((VideoError, FileNotFoundError), match=said) as caught:
            dataset[1]
        assert '\n' not in str(caught.value)
        assert str(folders) in str(caught.value)

    def test_workers_log_once_together(self, folders, logged):
        lines = [f'{line} 0' for line in ('nowhere 12', 'good0 3')]
        dataset = build(folders, lines + ['good0 12 1'] * 4)
        loader = DataLoader(dataset, batch_size=3, num_workers=2, collate_fn=list)
        labels = [label_of(data) for _ in range(2) for batch in loader for data in batch]
        assert labels == [[1]] * 12
        assert 2 == len(set(logged)) <= len(logged) <= 3  # two workers may meet one at once

    def test_all_bad_is_one_error(self, folders, logged):
        dataset = build(folders, ['nowhere 12 0'] * 3)
        with pytest.raises(ValueError, match='a usable folder among up to 1001 .*frames.*/nowhere'):
            dataset[0]

    @pytest.mark.parametrize('error', [ValueError, OSError, KeyError])
    @pytest.mark.parametrize('test_mode', [False, True])
    def test_a_mistake_in_the_pipeline_is_not_hidden(self, folders, error, test_mode):
        def fail(results):
            raise error('a mistake in the pipeline')

        dataset = build(folders, ['good0 12 0'], [*PIPELINE, fail], test_mode=test_mode)
        with pytest.raises(error, match='a mistake in the pipeline'):
            dataset[0]


class TestLists:
    @pytest.mark.parametrize(
        ('line', 'said'),
        [
            (
                'good0 12 2',
                r'list.txt, line 2: expected a label of 0 to 1 \(num_classes=2\), got 2',
            ),
            ('good0 12 -1', 'line 2: expected a label of 0 to 1 .*, got -1'),
            ('good0 12 left', "line 2: expected an integer label, got 'left'"),
            ('good0 many 1', "line 2: expected an integer total_frames, got 'many'"),
            ('good0 0 1', 'line 2: expected total_frames of at least 1, got 0'),
            ('good0 12', 'line 2: expected "folder total_frames label", got \'good0 12\''),
            ('good0.mp4', 'line 2: expected "folder total_frames label", got \'good0.mp4\''),
            ('good0 12 1 1', 'expected "folder total_frames label", got \'good0 12 1 1\''),
        ],
    )
    def test_list_is_checked(self, folders, line, said):
        with pytest.raises(ValueError, match=said):
            build(folders, ['good0 12 0', line], num_classes=2)

    def test_offset_is_checked(self, folders):
        with pytest.raises(ValueError, match='expected "folder offset total_frames label"'):
            build(folders, ['good0 12 0'], with_offset=True)
        with pytest.raises(ValueError, match='expected offset of at least 0, got -1'):
            build(folders, ['good0 -1 12 0'], with_offset=True)

    def test_list_without_labels_is_for_testing(self, folders):
        dataset = build(folders, ['good0 12'], test_mode=True, num_classes=2)
        assert dataset.get_data_info(0)['label'] == -1
        assert dataset.get_data_info(0)['total_frames'] == 12

    def test_multi_class(self, folders):
        dataset = build(folders, ['good0 12 0 2'], multi_class=True, num_classes=3)
        assert dataset.get_data_info(0)['label'].tolist() == [1, 0, 1]

    def test_missing_paths(self, folders):
        lines = '"folder total_frames label", got no such file'
        with pytest.raises(
            FileNotFoundError, match=f'expected an annotation file of lines {lines}'
        ):
            build(folders, [], ann_file='nowhere.txt')
        with pytest.raises(FileNotFoundError, match='nowhere: expected a directory of folders'):
            build(folders, ['good0 12 0'], data_prefix=dict(img=str(folders / 'nowhere')))

    def test_empty_list(self, folders):
        with pytest.raises(ValueError, match='expected at least one folder, got an empty list'):
            build(folders, [])

    def test_other_modality(self, folders):
        with pytest.raises(ValueError, match="modality: expected one of RGB, Flow, got 'Depth'"):
            build(folders, ['good0 12 0'], modality='Depth')
