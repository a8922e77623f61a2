import dataclasses
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import cv2
import decord
import numpy as np
import pytest

from mmmotion.datasets.motion_shapes import (
    CLASSES,
    SPLITS,
    MotionShapesSpec,
    clip_rng,
    draw_clip,
    draw_preview,
    draw_scene,
    make_motion_shapes,
    print_progress,
    render_scene,
)
from mmmotion.datasets.motion_shapes.render import LARGEST, SMALLEST, _place, _place_matrices

SCRIPT = Path(__file__).parents[2] / 'tools/data/motion_shapes/make_motion_shapes.py'


def read(path):
    reader = decord.VideoReader(str(path), num_threads=1)
    return reader.get_batch(range(len(reader))).asnumpy()


def place(patch, state, side=64):
    middles, matrices = _place_matrices(np.array([state]), side, patch.shape[0])
    return _place(patch, middles[0], matrices[0], side)


def entries(root, split):
    lines = (root / f'{split}.txt').read_text().splitlines()
    return [(path, int(label)) for path, label in (line.split(' ') for line in lines)]


def snapshot(root):
    return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in root.rglob('*') if p.is_file()}


class TestSpec:
    @pytest.mark.parametrize(
        ('changed', 'said'),
        [
            (dict(image_size=16), 'image_size: expected an integer of at least 32, got 16'),
            (dict(image_size=65), 'image_size: expected an even number, got 65'),
            (dict(num_frames=1), 'num_frames: expected an integer of at least 2, got 1'),
            (dict(num_train=-1), 'num_train: expected an integer of at least 0, got -1'),
            (dict(seed=0.5), 'seed: expected an integer of at least 0, got 0.5'),
            (dict(classes=['growing', 'flying']), 'got growing, flying'),
            (dict(classes=['growing', 'growing']), 'classes: expected different names'),
            (dict(classes=()), 'got none'),
        ],
    )
    def test_exception(self, changed, said):
        with pytest.raises(ValueError, match=said):
            MotionShapesSpec(**changed)

    def test_difference_names_what_differs(self):
        spec = MotionShapesSpec(seed=1)
        assert spec.difference(spec.to_json()) is None
        assert MotionShapesSpec().difference(spec.to_json()) == 'seed=1 (asked for: 0)'


class TestDrawing:
    def test_pair_is_each_others_reverse(self):
        spec = MotionShapesSpec(camera_motion=True)
        for label in range(0, len(CLASSES), 2):
            first = draw_clip(spec, label, clip_rng(spec, 'train', 5))
            second = draw_clip(spec, label + 1, clip_rng(spec, 'train', 5))
            assert np.array_equal(first, second[::-1])
            assert not np.array_equal(first, second)

    def test_clips_differ_by_split_index_and_seed(self):
        spec = MotionShapesSpec()
        keys = [('train', 0), ('train', 1), ('val', 0), ('test', 0)]
        rngs = [clip_rng(spec, *key) for key in keys]
        rngs.append(clip_rng(dataclasses.replace(spec, seed=1), 'train', 0))
        assert len({rng.bytes(16) for rng in rngs}) == len(rngs)

    @pytest.mark.parametrize('time', [0, 7, 15])
    def test_coordinates_are_uniform_at_every_time(self, time):
        spec = MotionShapesSpec()
        for name in CLASSES[::2]:  # the others are these, at the mirrored time
            rng = np.random.default_rng(0)
            states = [draw_scene(spec, name, rng).states(16)[time] for _ in range(400)]
            states = np.sort(np.array(states), axis=0)
            # Kolmogorov and Smirnov's distance to uniform; 0.1 has a chance of 0.0006.
            distance = np.abs(states - (np.arange(400)[:, None] + 0.5) / 400).max(axis=0)
            assert (distance < 0.1).all(), (name, distance)

    def test_class_moves_its_coordinate_only(self):
        spec = MotionShapesSpec()
        for i, name in enumerate(CLASSES):
            velocity = draw_scene(spec, name, np.random.default_rng(i)).velocity
            assert np.flatnonzero(velocity).tolist() == [i // 2]

    def test_random_numbers_do_not_know_the_class(self):
        spec = MotionShapesSpec()
        scenes = [draw_scene(spec, name, np.random.default_rng(3)) for name in CLASSES]
        for scene in scenes[1:]:
            assert np.array_equal(scene.background, scenes[0].background)
            assert np.array_equal(scene.patch, scenes[0].patch)
            assert np.array_equal(scene.start, scenes[0].start)

    @pytest.mark.parametrize(
        ('name', 'axis', 'sign'),
        [
            ('moving_left', 2, -1),
            ('moving_right', 2, 1),
            ('moving_up', 1, -1),
            ('moving_down', 1, 1),
        ],
    )
    def test_convention_of_translation(self, name, axis, sign):
        clip = self._white_patch_on_black(name)
        profile = clip.sum(axis=(3 - axis)).astype(float)  # over the other side of the frame
        side = profile.shape[1]
        turn = np.exp(2j * np.pi * np.arange(side) / side)
        steps = np.diff(np.unwrap(np.angle(profile @ turn))) / (2 * np.pi) * 64
        assert (sign * steps > 2.9).all()
        assert (sign * steps < 6.1).all()

    def test_convention_of_growth(self):
        area = (self._white_patch_on_black('growing') > 128).sum(axis=(1, 2)).astype(float)
        growth = np.diff(np.log(area)) / 2
        assert 0.04 < np.median(growth) < 0.07
        assert np.allclose(area, (self._white_patch_on_black('shrinking') > 128).sum((1, 2))[::-1])

    def test_convention_of_rotation(self):
        patch = np.zeros((33, 33, 4), np.uint8)
        patch[16, 16:30] = 255  # a pointer to the right
        right, down = (place(patch, [0.5, 0.5, turn, 1]) for turn in (0, 0.25))
        assert (right[32, 40:] > 128).sum() > 10 > 1 > (right[:, :28] > 128).sum()
        assert (down[40:, 32] > 128).sum() > 10 > 1 > (down[:28] > 128).sum()

    def test_rotation_is_clockwise(self):
        scene = draw_scene(MotionShapesSpec(), 'clockwise', np.random.default_rng(0))
        assert 12 / 360 <= scene.velocity[2] <= 28 / 360

    def test_patch_wraps_round(self):
        patch = np.full((32, 32, 4), 255, np.uint8)
        middle, corner = (place(patch, [at, at, 0.3, 0.9]) for at in (0.5, 0))
        assert corner[0, 0, 3] == 255 == corner[-1, -1, 3]
        assert corner[32, 32, 3] == 0
        assert np.array_equal(np.roll(middle, (32, 32), (0, 1)), corner)
        assert SMALLEST < LARGEST < 1  # or it would meet itself

    def test_background_wraps_round(self):
        side = MotionShapesSpec().image_size
        for seed in range(5):
            scene = draw_scene(MotionShapesSpec(), 'growing', np.random.default_rng(seed))
            background = scene.background.astype(int)
            inner = np.abs(np.diff(background, axis=1)).max()
            seam = np.abs(background[:, side - 1] - background[:, 0]).max()
            assert seam < 1.5 * inner

    def test_camera_motion_moves_the_background_only(self):
        still = MotionShapesSpec()
        moving = dataclasses.replace(still, camera_motion=True)
        scenes = [draw_scene(s, 'growing', np.random.default_rng(2)) for s in (still, moving)]
        assert np.array_equal(scenes[0].states(16), scenes[1].states(16))
        assert not scenes[0].drift.any()
        assert 0.4 < np.hypot(*scenes[1].drift) * 64 < 1.6
        clips = [render_scene(s, 16, np.random.default_rng(0)).astype(int) for s in scenes]
        change = [np.abs(clip[-1] - clip[0]).mean() for clip in clips]
        assert change[1] > 2 * change[0]

    def test_size_restarts_at_most_once(self):
        spec = MotionShapesSpec()
        scenes = [draw_scene(spec, 'growing', np.random.default_rng(i)) for i in range(200)]
        restarts = [(np.diff(scene.states(16)[:, 3]) < 0).sum() for scene in scenes]
        assert max(restarts) <= 1
        assert np.mean(restarts) < 0.9

    def test_single_frames_stay_at_chance(self):
        # Nearest neighbour and a linear classifier, on frames made small: 8 classes, so 1/8.
        spec = MotionShapesSpec(num_frames=2)
        train, train_label = self._single_frames(spec, 'train', 640)
        test, test_label = self._single_frames(spec, 'test', 640)
        nearest = ((test**2).sum(1)[:, None] - 2 * test @ train.T + (train**2).sum(1)).argmin(0)
        assert 0.07 < (test_label[nearest] == train_label).mean() < 0.19  # 4 standard deviations
        weights = np.linalg.solve(
            train.T @ train + 50 * np.eye(train.shape[1]), train.T @ np.eye(8)[train_label]
        )
        assert 0.07 < ((test @ weights).argmax(1) == test_label).mean() < 0.19

    @staticmethod
    def _single_frames(spec, split, count):
        labels = np.arange(count) % len(CLASSES)
        frames = [draw_clip(spec, y, clip_rng(spec, split, i))[0] for i, y in enumerate(labels)]
        small = [cv2.resize(frame, (10, 10), interpolation=cv2.INTER_AREA) for frame in frames]
        return (np.array(small).reshape(count, -1) - 128.0) / 64, labels

    @staticmethod
    def _white_patch_on_black(name):
        scene = draw_scene(MotionShapesSpec(), name, np.random.default_rng(1))
        scene.background[:] = 0
        scene.patch[..., :3] = scene.patch[..., 3:]
        clip = render_scene(scene, 16, np.random.default_rng(0))[..., 0]
        clip = np.where(clip < 16, 0, clip)
        return clip if CLASSES.index(name) % 2 == 0 else clip[::-1]

    def test_preview(self):
        picture = draw_preview(MotionShapesSpec(num_train=16))
        assert picture.dtype == np.uint8
        assert picture.shape[0] > 8 * 100
        assert draw_preview(MotionShapesSpec(num_train=0, num_frames=2)).shape == picture.shape


class TestFiles:
    def test_lists_and_balance(self, tiny_root, tiny_spec):
        assert (tiny_root / 'classes.txt').read_text().split() == list(CLASSES)
        for split in SPLITS:
            rows = entries(tiny_root, split)
            assert len(rows) == tiny_spec.num_clips(split)
            assert set(np.bincount([label for _, label in rows])) == {len(rows) // 8}
            assert all(CLASSES[label] in path for path, label in rows)

    def test_decord_reads_what_was_drawn(self, tiny_root, tiny_spec):
        path, label = entries(tiny_root, 'val')[5]
        frames = read(tiny_root / path)
        drawn = draw_clip(tiny_spec, label, clip_rng(tiny_spec, 'val', 5))[..., ::-1]
        assert frames.shape == (12, 32, 32, 3)
        # Each frame is nearer to the one drawn at its time than to any other.
        gaps = np.abs(frames[:, None].astype(int) - drawn[None]).mean(axis=(2, 3, 4))
        assert gaps.argmin(axis=1).tolist() == list(range(12))

    def test_no_pixels_are_shared(self, tiny_root):
        paths = [path for split in SPLITS for path, _ in entries(tiny_root, split)]
        assert len({read(tiny_root / path)[0].tobytes() for path in paths}) == len(paths)

    def test_workers_change_nothing(self, tiny_root, tiny_spec, tmp_path):
        one = make_motion_shapes(tmp_path / 'one', tiny_spec, workers=1)
        names = sorted(p.relative_to(one) for p in one.rglob('*') if p.is_file())
        assert len(names) == 32 + 6
        for name in names:
            assert (one / name).read_bytes() == (tiny_root / name).read_bytes(), name

    def test_coding_does_not_betray_the_direction(self, tmp_path):
        # A coder of changes would leave traces of the frame before; one of single frames cannot.
        decoded = []
        for order in (('growing', 'shrinking'), ('shrinking', 'growing')):
            spec = MotionShapesSpec(num_train=1, num_val=0, num_test=0, classes=order)
            root = make_motion_shapes(tmp_path / order[0], spec, workers=1)
            decoded.append(read(root / entries(root, 'train')[0][0]))
        assert np.array_equal(decoded[0], decoded[1][::-1])
        assert not np.array_equal(decoded[0], decoded[1])

    def test_reuse_touches_nothing(self, tmp_path, tiny_spec):
        root = make_motion_shapes(tmp_path / 'a', tiny_spec, workers=2)
        before = snapshot(root)
        calls = []
        make_motion_shapes(root, tiny_spec, report=lambda *call: calls.append(call))
        assert snapshot(root) == before
        assert not calls

    def test_missing_parts_are_made_again(self, tiny_root, tmp_path, tiny_spec):
        root = make_motion_shapes(tmp_path / 'a', tiny_spec, workers=2)
        path = root / entries(root, 'train')[3][0]
        path.unlink()
        (root / 'val.txt').unlink()
        (root / 'videos/train/.00003.mp4.partial.mp4').write_bytes(b'of a run that was killed')
        calls = []
        make_motion_shapes(root, tiny_spec, workers=1, report=lambda *call: calls.append(call))
        assert calls == [(1, 1)]
        assert path.read_bytes() == (tiny_root / path.relative_to(root)).read_bytes()
        assert (root / 'val.txt').exists()
        assert not list(root.rglob('*.part*'))

    def test_other_parameters_are_refused(self, tiny_root, tiny_spec):
        before = snapshot(tiny_root)
        other = dataclasses.replace(tiny_spec, seed=7)
        with pytest.raises(ValueError, match=r'with seed=0 \(asked for: 7\); choose another'):
            make_motion_shapes(tiny_root, other)
        assert snapshot(tiny_root) == before

    def test_foreign_directory_is_refused(self, tmp_path, tiny_spec):
        (tmp_path / 'mine.txt').write_text('dear diary')
        with pytest.raises(ValueError, match='with other files'):
            make_motion_shapes(tmp_path, tiny_spec)
        with pytest.raises(ValueError, match='root: expected a directory, got the file'):
            make_motion_shapes(tmp_path / 'mine.txt', tiny_spec)
        assert os.listdir(tmp_path) == ['mine.txt']

    def test_damaged_parameters_are_refused(self, tmp_path, tiny_spec):
        for text in ('{', '[1]'):
            (tmp_path / 'motion_shapes.json').write_text(text)
            with pytest.raises(
                ValueError, match='motion_shapes.json: expected a JSON object of parameters'
            ):
                make_motion_shapes(tmp_path, tiny_spec)

    def test_classes_are_labelled_in_the_asked_order(self, tmp_path):
        classes = ('growing', 'clockwise', 'shrinking')
        spec = MotionShapesSpec(32, 4, 3, 0, 0, classes=classes)
        root = make_motion_shapes(tmp_path / 'a', spec, workers=1)
        assert [(path[18:-4], label) for path, label in entries(root, 'train')] == [
            ('_growing', 0), ('_clockwise', 1), ('_shrinking', 2)
        ]  # fmt: skip

    def test_exception(self, tmp_path):
        with pytest.raises(ValueError, match='workers: expected an integer of at least 1, got 0'):
            make_motion_shapes(tmp_path, workers=0)

    def test_progress_on_a_pipe_is_ten_lines(self, capsys):
        for done in range(1, 251):
            print_progress(done, 250)
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 10
        assert lines[-1].endswith('250/250')


class TestCommand:
    @staticmethod
    def run(*args):
        command = [sys.executable, str(SCRIPT), *map(str, args)]
        # A suite that runs in the background of a shell is deaf to SIGINT, and so are its children.
        hear = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
        pipes = dict(stdout=-1, stderr=-1, text=True)
        return subprocess.Popen(command, env=TestCommand.env(), preexec_fn=hear, **pipes)

    @staticmethod
    def env():
        path = os.pathsep.join([str(SCRIPT.parents[3]), os.environ.get('PYTHONPATH', '')])
        return {**os.environ, 'PYTHONPATH': path}

    def test_makes_previews_and_refuses(self, tmp_path, tiny_root):
        size = ['--image-size', 32, '--num-frames', 4, '--num-train', 8, '--num-val', 0]
        preview = tmp_path / 'picture.png'
        process = self.run(tmp_path / 'a', *size, '--num-test', 0, '--preview', preview)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert '8 train, 0 val, 0 test clips' in out
        assert cv2.imread(str(preview)) is not None
        process = self.run(tiny_root, '--seed', 3)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 2
        assert len(err.splitlines()) == 1
        assert 'choose another directory' in err

    def test_interrupt_leaves_no_half_file(self, tmp_path):
        root = tmp_path / 'a'
        process = self.run(root, '--num-train', 4000, '--workers', 2)
        deadline = time.monotonic() + 60
        while not list(root.glob('videos/train/*[a-z].mp4')) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert err.splitlines()[-1] == 'interrupted: the same command goes on from here'
        assert 'Traceback' not in err
        assert not list(root.rglob('*.part*'))
        assert not (root / 'train.txt').exists()
        assert all(len(read(path)) == 16 for path in list(root.glob('videos/train/*.mp4'))[-20:])
