"""The command line as a user meets it: train, resume, test, show, and every mistake."""

from pathlib import Path

import cv2
import mmaction
import numpy as np
import pytest
import torch
from layouts import write_video

from .conftest import CONFIG, ROOT, run

UPSTREAM = Path(mmaction.__file__).parent / '.mim/tools'


def error_of(result):
    """Return the sentence, and assert that it is one."""
    status, _, err = result
    assert status == 2
    (line,) = [line for line in err.splitlines() if line.startswith('error: ')]
    assert 'Traceback' not in err
    return line


class TestTraining:
    def test_writes_checkpoint_and_curves(self, trained):
        assert (trained / 'epoch_1.pth').is_file()
        assert list(trained.glob('*/vis_data/events.*'))
        (log,) = trained.glob('*/*.log')
        assert 'eta: ' in log.read_text()

    def test_same_seed_same_weights(self, trained, options, tmp_path):
        run('tools/train.py', CONFIG, '--work-dir', tmp_path, *options)
        first, second = (
            torch.load(work / 'epoch_1.pth', weights_only=False)['state_dict']
            for work in (trained, tmp_path)
        )
        assert all(torch.equal(first[key], second[key]) for key in first)

    def test_resumes_and_amp_runs_on_a_cpu(self, options, tmp_path):
        """After an end between its two epochs: the schedule is that of two."""
        more = [o.replace('max_epochs=1', 'max_epochs=2') for o in options]
        run('tools/train.py', CONFIG, '--work-dir', tmp_path, '--amp', *more)
        (tmp_path / 'epoch_2.pth').unlink()
        (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_1.pth'))
        out = run('tools/train.py', CONFIG, '--work-dir', tmp_path, '--resume', '--amp', *more)
        assert 'resumed epoch: 1' in out.stdout + out.stderr
        assert (tmp_path / 'epoch_2.pth').is_file()

    def test_resumes_no_other_schedule(self, call, trained, options, tmp_path):
        more = [o.replace('max_epochs=1', 'max_epochs=2') for o in options]
        (tmp_path / 'last_checkpoint').write_text(str(trained / 'epoch_1.pth'))
        said = error_of(call('tools/train.py', CONFIG, '--work-dir', tmp_path, '--resume', *more))
        assert 'resume: expected a checkpoint of the same schedules' in said

    def test_shell_scripts_pass_everything_on(self):
        for script in ('dist_train.sh', 'dist_test.sh'):
            text = (ROOT / 'tools' / script).read_text()
            assert '--launcher pytorch "$@"' in text
            assert (ROOT / 'tools' / script).stat().st_mode & 0o111


class TestTesting:
    def test_reports_accuracy(self, trained, options, tmp_path):
        scores = tmp_path / 'scores.pkl'
        out = run(
            'tools/test.py', CONFIG, trained / 'epoch_1.pth', '--work-dir', trained / 'test',
            '--dump', scores, *options,
        )  # fmt: skip
        assert 'acc/top1: ' in out.stdout + out.stderr
        assert scores.is_file()

    def test_upstreams_own_tools_run_our_config(self, trained, options, tmp_path):
        run(UPSTREAM / 'train.py', CONFIG, '--work-dir', tmp_path, *options)
        out = run(
            UPSTREAM / 'test.py', CONFIG, tmp_path / 'epoch_1.pth', '--work-dir', tmp_path,
            *options,
        )  # fmt: skip
        assert 'acc/top1: ' in out.stdout + out.stderr


class TestDemo:
    def test_classes_and_picture(self, trained, data, tmp_path):
        video = next((data / 'videos/test').glob('*.mp4'))
        picture = tmp_path / 'demo.png'
        out = run(
            'demo/demo.py', video, '--config', CONFIG, '--checkpoint', trained / 'epoch_1.pth',
            '--out', picture, '--top-k', 8,
        )  # fmt: skip
        lines = [line.split() for line in out.stdout.splitlines() if line[:2] in ('0.', '1.')]
        classes = (data / 'classes.txt').read_text().split()
        assert sorted(name for _, name in lines) == sorted(classes)
        probabilities = [float(p) for p, _ in lines]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-3)
        assert np.std(cv2.imread(str(picture))) > 10

    @pytest.mark.parametrize(
        ('name', 'content', 'said'),
        [
            ('missing.mp4', None, 'missing.mp4'),
            ('empty.mp4', b'', 'empty.mp4'),
            ('text.mp4', b'no video' * 100, 'text.mp4'),
        ],
    )
    def test_broken_video(self, call, trained, tmp_path, name, content, said):
        video = tmp_path / name
        if content is not None:
            video.write_bytes(content)
        picture = tmp_path / 'demo.png'
        checkpoint = trained / 'epoch_1.pth'
        result = call(
            'demo/demo.py', video, '--config', CONFIG, '--checkpoint', checkpoint, '--out', picture
        )
        assert said in error_of(result)
        assert not list(tmp_path.glob('*.png*'))

    def test_video_shorter_than_a_stack(self, call, trained, tmp_path):
        video = tmp_path / 'short.mp4'
        write_video(video, np.zeros((2, 32, 32, 3), np.uint8))
        checkpoint = trained / 'epoch_1.pth'
        said = error_of(call('demo/demo.py', video, '--config', CONFIG, '--checkpoint', checkpoint))
        assert '4' in said
        assert '2' in said


class TestMistakes:
    def test_misspelt_config(self, call):
        said = error_of(call('tools/train.py', 'configs/pan/pan_lite_r18_motionshape.py'))
        assert 'did you mean configs/pan/pan_lite_r18_motionshapes.py?' in said

    def test_missing_folder(self, call):
        assert 'there is no folder configs/pam' in error_of(
            call('tools/train.py', 'configs/pam/a.py')
        )

    def test_config_that_does_not_parse(self, call, tmp_path):
        config = tmp_path / 'broken.py'
        config.write_text('model = dict(\n')
        assert 'broken.py' in error_of(call('tools/train.py', config))

    def test_misspelt_type(self, call, tmp_path):
        config = tmp_path / 'typo.py'
        config.write_text(
            f"_base_ = '{CONFIG}'\nmodel = dict(cls_head=dict(type='mmmotion.VAPHaed'))"
        )
        assert 'VAPHaed' in error_of(call('tools/train.py', config, '--work-dir', tmp_path))

    def test_segments_that_vap_cannot_serve(self, call, tmp_path):
        config = tmp_path / 'seven.py'
        config.write_text(f"_base_ = '{CONFIG}'\nmodel = dict(cls_head=dict(num_segments=7))")
        said = error_of(call('tools/train.py', config, '--work-dir', tmp_path))
        assert 'num_segments' in said
        assert 'got 7' in said

    @pytest.mark.parametrize(
        ('content', 'said'),
        [
            (None, 'expected a file'),
            (b'', '0 bytes'),
            (b'PK\x03\x04cut', 'whole PyTorch checkpoint'),
        ],
    )
    def test_no_checkpoint(self, call, tmp_path, content, said):
        checkpoint = tmp_path / 'epoch_1.pth'
        if content is not None:
            checkpoint.write_bytes(content)
        assert said in error_of(call('tools/test.py', CONFIG, checkpoint))

    def test_checkpoint_of_another_architecture(self, call, trained, tmp_path):
        config = ROOT / 'configs/baselines/tsn_rgb_r18_motionshapes.py'
        checkpoint = trained / 'epoch_1.pth'
        said = error_of(
            call('demo/demo.py', 'x.mp4', '--config', config, '--checkpoint', checkpoint)
        )
        assert 'got one of another architecture' in said

    @pytest.mark.parametrize('kind', ['torn', 'other'])
    def test_load_from(self, call, options, tmp_path, kind):
        """Of another network, or a part of a file: nothing is trained."""
        path = tmp_path / 'weights.pth'
        torch.save({'backbone.layer1.0.conv1.weight': torch.zeros(8, 8)}, path)
        said = '.pa.backbone.backbone, a ResNetTSM, got 0.0% of them, without branches.pa.backbone'
        if kind == 'torn':
            path.write_bytes(path.read_bytes()[:500])
            said = 'load_from: expected a whole PyTorch checkpoint, got'
        more = [*options, f'load_from={path}', 'model.use=[pa]', '--work-dir', tmp_path / 'work']
        config = 'configs/pan/pan_full_r18_motionshapes.py'
        assert said in error_of(call('tools/train.py', config, *more))
        assert not list(tmp_path.glob('work/*.pth'))

    def test_checkpoint_with_code_is_refused(self, call, tmp_path):
        checkpoint = tmp_path / 'evil.pth'
        torch.save(dict(state_dict=dict(a=Evil(tmp_path / 'ran'))), checkpoint)
        said = error_of(call('demo/demo.py', 'x', '--config', CONFIG, '--checkpoint', checkpoint))
        assert 'expected weights and plain numbers only' in said
        assert not (tmp_path / 'ran').exists()

    def test_dump_of_another_kind(self, call, trained):
        result = call('tools/test.py', CONFIG, trained / 'epoch_1.pth', '--dump', 'scores.json')
        assert '--dump: expected a file that ends in .pkl' in error_of(result)


class Evil:
    """Unpickling it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), 'w')
