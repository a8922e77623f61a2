"""Every base of configs/_base_/datasets: what its loaders give, on media made here."""

from pathlib import Path

import numpy as np
import pytest
import torch
from layouts import write_images, write_video
from mmaction.registry import METRICS, TRANSFORMS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmmotion.registry import DATASETS

BASES = sorted((Path(__file__).parents[2] / 'configs/_base_/datasets').glob('*.py'))
NUM_CLASSES = dict(sthv1=174, sthv2=174, jester=27, kinetics400=400, ucf101=101, hmdb51=51)
ONE_VIEW = {'sthv1', 'sthv2', 'jester'}  # and labels that say left and right
IN_FRAMES = {'sthv1', 'jester', 'off_ucf101_flow', 'off_hmdb51_flow'}
IN_SPLITS = {'ucf101', 'hmdb51'}
FLIPPED = {'kinetics400', 'minikinetics', 'tinykinetics', *IN_SPLITS}
PAPERS = {'dcd', 'off', 'repflow'}  # a base of one of them is named so, before the data set
# Of the bases that feed other networks: what a training sample and a test sample are.
OTHERS = dict(
    sthv2_rgb=((8, 3, 224, 224), (8, 3, 224, 224)),
    sthv2_2views=((8, 3, 4, 224, 224), (16, 3, 4, 256, 256)),
    ucf101_16x2=((1, 3, 32, 224, 224), (2, 3, 32, 256, 256)),
    ucf101_frame=((1, 3, 224, 224), (10, 3, 224, 224)),
    ucf101_clips=((1, 3, 17, 112, 112), (10, 3, 17, 112, 112)),
    ucf101_clips_224=((1, 3, 17, 224, 224), (10, 3, 17, 224, 224)),
    hmdb51_clips=((1, 3, 17, 112, 112), (10, 3, 17, 112, 112)),
    kinetics400_clips=((1, 3, 17, 112, 112), (10, 3, 17, 112, 112)),
    minikinetics_clips=((1, 3, 17, 112, 112), (10, 3, 17, 112, 112)),
    dcd_kinetics400=((3, 3, 8, 224, 224), (10, 3, 8, 224, 224)),
    dcd_ucf101=((3, 3, 8, 224, 224), (10, 3, 8, 224, 224)),
    dcd_ucf101_flow=((3, 3, 7, 224, 224), (10, 3, 7, 224, 224)),
    off_hmdb51=((7, 3, 224, 224), (25, 3, 224, 224)),
    off_hmdb51_flow=((7, 10, 224, 224), (25, 10, 224, 224)),
    off_hmdb51_stacks=((7, 3, 6, 224, 224), (25, 3, 6, 224, 224)),
    off_ucf101=((7, 3, 224, 224), (25, 3, 224, 224)),
    off_ucf101_dis=((7, 10, 224, 224), (25, 10, 224, 224)),
    off_ucf101_flow=((7, 10, 224, 224), (25, 10, 224, 224)),
    off_ucf101_stacks=((7, 3, 6, 224, 224), (25, 3, 6, 224, 224)),
    repflow_hmdb51=((1, 3, 32, 224, 224), (25, 3, 32, 224, 224)),
    repflow_hmdb51_lowres=((1, 3, 16, 112, 112), (1, 3, 16, 112, 112)),
    repflow_kinetics400=((1, 3, 32, 224, 224), (25, 3, 32, 224, 224)),
    repflow_tinykinetics=((1, 3, 16, 112, 112), (1, 3, 16, 112, 112)),
)
OTHER_CLASSES = dict(NUM_CLASSES, minikinetics=200, tinykinetics=150)
NUM_FRAMES = 20
STEP, RISE = 9, 40  # frame i is of brightness STEP * i on the left, and RISE more on the right


def data_set_of(name):
    """Return the data set a base is of."""
    return next(part for part in name.split('_') if part not in PAPERS)


def load(path):
    init_default_scope('mmaction')
    return Config.fromfile(path)


@pytest.fixture(params=sorted(NUM_CLASSES))
def base(request):
    (path,) = [path for path in BASES if path.stem == request.param]
    return request.param, load(path)


@pytest.fixture(scope='module')
def media(tmp_path_factory):
    """The same frames as a video and in a folder, and a list of each."""
    root = tmp_path_factory.mktemp('media')
    row = np.linspace(0, RISE, 96)[:, None]
    frames = [np.broadcast_to(STEP * i + row, (64, 96, 3)) for i in range(NUM_FRAMES)]
    frames = np.stack(frames).astype(np.uint8)
    write_video(root / 'a.avi', frames)
    for template in ('{:05}.jpg', 'flow_x_{:05}.jpg', 'flow_y_{:05}.jpg'):
        write_images(root / 'frames', frames, template)
    return root


def build(name, loader, media, label=0):
    """Build the loader's data set, pointed at the only sample made here."""
    line = f'frames {NUM_FRAMES}' if name in IN_FRAMES else 'a.avi'
    (media / 'list.txt').write_text(f'{line} {label}\n')
    for step in loader.dataset.pipeline:
        if step.get('method') == 'tvl1':
            step.method = 'dis'  # of a second a frame, a hundredth
    prefix = {key: str(media) for key in loader.dataset.data_prefix}
    return DATASETS.build(
        dict(loader.dataset, ann_file=str(media / 'list.txt'), data_prefix=prefix)
    )


@pytest.mark.parametrize('path', BASES, ids=lambda path: path.stem)
def test_pipelines(path):
    cfg = load(path)
    for loader, pipeline in (
        (cfg.train_dataloader, cfg.train_pipeline),
        (cfg.val_dataloader, cfg.test_pipeline),
        (cfg.test_dataloader, cfg.test_pipeline),
    ):
        assert loader.dataset.pipeline == pipeline
        assert all(TRANSFORMS.build(step) for step in pipeline)
    flips = [step.flip_ratio for step in cfg.train_pipeline if 'Flip' in step.type]
    assert flips == ([0.5] if data_set_of(path.stem) in FLIPPED else [])
    assert not any('Flip' in step.type for step in cfg.test_pipeline)


def test_every_base_is_listed_here():
    listed = {*NUM_CLASSES, *OTHERS}
    drawn = {path.stem for path in BASES if 'motion_shapes' in path.stem}
    assert {path.stem for path in BASES} - drawn == listed


@pytest.mark.parametrize('name', OTHERS)
def test_samples_of_other_networks(name, media):
    cfg = load(next(path for path in BASES if path.stem == name))
    classes = OTHER_CLASSES[data_set_of(name)]
    assert cfg.val_dataloader == cfg.test_dataloader
    for loader, shape in zip(('train', 'test'), OTHERS[name], strict=True):
        dataset = build(name, cfg[f'{loader}_dataloader'], media, classes - 1)
        assert dataset[0]['inputs'].shape == shape
        assert dataset.num_classes == classes


def test_training_clip(base, media):
    name, cfg = base
    np.random.seed(0)
    clip = build(name, cfg.train_dataloader, media)[0]['inputs']
    assert clip.shape == (8, 3, 4, 224, 224)
    assert clip.dtype == torch.uint8
    brightness = clip.float().mean(dim=(1, 3, 4))
    assert (abs(brightness.diff(dim=1) - STEP) < 3).all()  # adjacent frames
    assert (brightness[1:, 0] - brightness[:-1, 0] > -3).all()  # segments in order of time


def test_only_labels_without_sides_are_flipped(base, media):
    name, cfg = base
    np.random.seed(0)
    clips = [build(name, cfg.train_dataloader, media)[0]['inputs'].float() for _ in range(5)]
    rises = [float(clip[..., 200:].mean() - clip[..., :24].mean()) for clip in clips]
    assert max(rises) > RISE / 4
    assert min(rises) > RISE / 4 if name in ONE_VIEW else min(rises) < -RISE / 4


def test_views(base, media):
    name, cfg = base
    assert cfg.val_dataloader == cfg.test_dataloader
    clip = build(name, cfg.test_dataloader, media)[0]['inputs']
    side, views = (224, 1) if name in ONE_VIEW else (256, 2)
    assert clip.shape == (8 * views, 3, 4, side, side)
    assert clip.dtype == torch.uint8
    tick = (NUM_FRAMES - 4 + 1) / 8
    starts = [int(tick / 2 + tick * i) for i in range(8)]
    starts += [int(tick * i) for i in range(8)] if views == 2 else []
    shown = [[STEP * (start + j) + RISE / 2 for j in range(4)] for start in starts]
    brightness = clip.float().mean(dim=(1, 3, 4))
    assert (abs(brightness - torch.tensor(shown)) < 3).all()  # and the crop is central


def test_classes(base, media):
    name, cfg = base
    last = NUM_CLASSES[name] - 1
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.num_classes == NUM_CLASSES[name]
        assert build(name, loader, media, last).get_data_info(0)['label'] == last
        with pytest.raises(ValueError, match=f'a label of 0 to {last} '):
            build(name, loader, media, last + 1)


def test_lists(base):
    """Names as MMAction2's tools/data write them."""
    name, cfg = base
    kind = 'rawframes' if name in IN_FRAMES else 'videos'
    middle = 'split_1' if name in IN_SPLITS else 'list'
    for loader, subset in (('train', 'train'), ('val', 'val'), ('test', 'val')):
        dataset = cfg[f'{loader}_dataloader'].dataset
        assert dataset.ann_file == f'data/{name}/{name}_{subset}_{middle}_{kind}.txt'
        (folder,) = dataset.data_prefix.values()
        ending = f'_{subset}' if name == 'kinetics400' else ''
        assert folder == f'data/{name}/{kind}{ending}'
        assert dataset.get('test_mode', False) == (loader != 'train')


def test_metrics(base):
    """The first one chooses the best checkpoint."""
    name, cfg = base
    for config in (cfg.val_evaluator, cfg.test_evaluator):
        metric = METRICS.build(config)
        for label, guess in ((0, 0), (0, 0), (0, 0), (1, 0)):
            scores = torch.zeros(8).index_fill(0, torch.tensor(guess), 1)
            metric.process({}, [dict(pred_score=scores, gt_label=torch.tensor([label]))])
        results = metric.evaluate(4)
        assert next(iter(results)) == ('acc/mean1' if name in IN_SPLITS else 'acc/top1')
        assert results['acc/top1'] == 0.75
        assert results['acc/mean1'] == 0.5
        assert 'acc/top5' in results
