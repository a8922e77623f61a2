"""Splits: no weights that were trained on what is tested."""

from itertools import product
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmmotion.apis import build_runner, load_config
from mmmotion.checkpoints.training_lists import check_unseen, read_videos

ROOT = Path(__file__).parents[2]
SPLITS = (1, 2, 3)


def stages_before(cfg):
    """Return the configs of the trainings that an OFF config starts from."""
    model = cfg.model
    sources = [model.get('checkpoint'), *(model.get('checkpoints') or {}).values()]
    return [ROOT / f'configs/off/{Path(source).parent.name}.py' for source in sources if source]


SECOND = [p for p in sorted(ROOT.glob('configs/off/*.py')) if stages_before(Config.fromfile(p))]


@pytest.fixture(scope='module', autouse=True)
def data(in_weight_cache):
    """Lists of three splits, videos and folders: of six videos split ``k`` tests two."""
    for name, (kind, end) in product(
        ('ucf101', 'hmdb51'), dict(videos='.avi 0', rawframes=' 40 0').items()
    ):
        folder = in_weight_cache.root / 'data' / name
        (folder / 'videos').mkdir(parents=True, exist_ok=True)
        for split in SPLITS:
            tested = [f'walk/a b_{split}{end}', f'run/v1.5_{split}{end}']
            trained = [
                line.replace(f'{split}{end}', f'{other}{end}')
                for line, other in product(tested, SPLITS)
                if other != split
            ]
            for part, lines in dict(train=trained, val=tested).items():
                path = folder / f'{name}_{part}_split_{split}_{kind}.txt'
                path.write_text('\n'.join(lines) + '\n')


def in_split(path, split, **options):
    """Return a config with the options of docs/data.md."""
    cfg = Config.fromfile(path)
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        lists = cfg[loader].dataset.ann_file.replace('split_1', f'split_{split}')
        options[f'{loader}.dataset.ann_file'] = lists
    return load_config(str(path), options=options)


@pytest.mark.parametrize('path', SECOND, ids=lambda path: path.stem)
def test_every_second_stage_wants_the_same_split(path):
    configs = {split: in_split(path, split) for split in SPLITS}
    for before in stages_before(configs[1]):
        recorded = Config.fromfile(before).pretty_text
        for split, own in product(SPLITS, SPLITS):
            checkpoint = dict(meta=dict(cfg=recorded.replace('split_1', f'split_{split}')))
            if split == own:
                check_unseen(checkpoint, configs[own], name='checkpoint')
                continue
            with pytest.raises(ValueError, match=rf'trained on 2 of them .*split_{split}'):
                check_unseen(checkpoint, configs[own], name='checkpoint')


def test_a_training_refuses_before_it_starts(in_weight_cache, tmp_path):
    """The default checkpoint, of split 1, for a training on split 2."""
    path = ROOT / 'configs/off/off_rgb_bninception_ucf101.py'
    cfg = in_split(path, 2)
    in_weight_cache.provide(cfg)
    cfg.work_dir = str(tmp_path)
    (before,) = stages_before(cfg)
    checkpoint = torch.load(cfg.model.checkpoint)
    checkpoint['meta']['cfg'] = in_split(before, 1).pretty_text
    cfg.model.checkpoint = str(tmp_path / 'epoch_80.pth')
    torch.save(checkpoint, cfg.model.checkpoint)
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[loader].update(num_workers=0, persistent_workers=False)
    with pytest.raises(ValueError, match=r'model\.checkpoint: expected weights that have not been'):
        build_runner(cfg).train()


def test_nothing_known_nothing_refused():
    cfg = in_split(SECOND[0], 2)
    gone = "train_dataloader = dict(ann_file='no.txt')"
    for meta in ({}, dict(cfg='model = dict('), dict(cfg=gone)):
        check_unseen(dict(meta=meta), cfg, name='checkpoint')


def test_trained_on_here_as_well():
    """A try on a few videos, tested on the same ones, is no leak."""
    lists = 'data/ucf101/ucf101_train_split_1_videos.txt'
    other = 'data/ucf101/ucf101_train_split_1_rawframes.txt'
    loader = dict(dataset=dict(type='ConcatDataset', datasets=[dict(ann_file=lists)]))
    cfg = Config(dict(train_dataloader=loader, test_dataloader=loader))
    recorded = f"train_dataloader = dict(dataset=dict(data_root='data', ann_file='{other[5:]}'))"
    assert read_videos({lists}) == read_videos({other})
    check_unseen(dict(meta=dict(cfg=recorded)), cfg, name='load_from')
