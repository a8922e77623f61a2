"""One answer: our demo, MMAction2's and tools/test.py on one config of each paper."""

import logging
import runpy
import sys

import cv2
import numpy as np
import pytest
import torch
from mmaction.apis import MMAction2Inferencer, inference_recognizer
from mmaction.apis import init_recognizer as upstreams_init_recognizer
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope

from mmmotion.apis import classify, init_recognizer, load_config, prepare_video, score_views
from mmmotion.datasets.media import read_frames
from mmmotion.evaluation.saved_scores import load_scores

from .conftest import ROOT, run

SPEC = dict(image_size=32, num_frames=17, num_train=1, num_val=1, num_test=4)
CLASSES = [f'class {index}' for index in range(8)]
CONFIGS = dict(
    pan='pan/pan_full_r18_motionshapes.py',
    residual='residual/residual_stride_r3d18_motionshapes.py',
    repflow='repflow/repflow_flow_r18_motionshapes.py',
    off='off/off_rgb_r18_motionshapes.py',
    dcd='dcd/dcd_full_r18_motionshapes.py',
    baseline='baselines/tsn_rgb_r18_motionshapes.py',
)
MOTIONS = dict(
    pan='persistence of appearance',
    residual='residual frames',
    repflow='representation flow of channel',
    off='OFF, the change of features (Ft)',
    dcd='the displacement of features',
)


@pytest.fixture(scope='module')
def shapes(tmp_path_factory):
    root = tmp_path_factory.mktemp('shapes') / 'motion_shapes'
    sizes = [word for key, value in SPEC.items() for word in (f'--{key.replace("_", "-")}', value)]
    run('tools/data/motion_shapes/make_motion_shapes.py', root, *sizes)
    return root


@pytest.fixture(scope='module', params=CONFIGS)
def tested(request, shapes, tmp_path_factory):
    """Return the paper, its config and a checkpoint, and what tools/test.py --dump says of both."""
    folder = tmp_path_factory.mktemp(request.param)
    options = {'spec': SPEC, 'data_root': str(shapes), 'indices': None}
    options = {f'test_dataloader.dataset.{key}': value for key, value in options.items()}
    path = ROOT / 'configs' / CONFIGS[request.param]
    cfg = load_config(str(path), options={**options, 'test_dataloader.num_workers': 0})
    cfg.dump(folder / 'config.py')
    save_decided_model(cfg, folder / 'model.pth')
    arguments = [
        '--work-dir',
        folder,
        '--dump',
        folder / 'scores.pkl',
        '--show-dir',
        folder / 'shown',
    ]
    run_script('tools/test.py', folder / 'config.py', folder / 'model.pth', *arguments)
    saved = load_scores(folder / 'scores.pkl')
    videos = sorted((shapes / 'videos/test').glob('*.mp4'))
    return request.param, folder / 'config.py', folder / 'model.pth', saved, videos


def save_decided_model(cfg, path):
    """Save random weights whose classifiers tell classes apart."""
    init_default_scope('mmaction')
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    for name, weight in model.named_parameters():
        if 'fc' in name and weight.dim() == 2:
            torch.nn.init.normal_(weight, std=0.1)
    meta = dict(dataset_meta=dict(classes=CLASSES))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), path)


def run_script(script, *arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(logging, 'raiseExceptions', False)
        patch.setattr(sys, 'argv', [str(script), *map(str, arguments)])
        runpy.run_path(str(ROOT / script), run_name='__main__')


def test_a_test_saves_probabilities(tested):
    saved = tested[3]
    assert saved.are_probabilities
    assert saved.scores.max() > 1.1 / saved.scores.shape[1]


def test_ours_is_the_answer_of_the_test(tested):
    _, config, checkpoint, saved, videos = tested
    model = init_recognizer(config, checkpoint, 'cpu')
    found = np.array([classify(model, video)[0].numpy() for video in videos])
    np.testing.assert_allclose(found, saved.scores, atol=1e-5)
    assert (found.argmax(1) == saved.scores.argmax(1)).all()


def test_so_is_upstreams(tested):
    _, config, checkpoint, saved, videos = tested
    model = upstreams_init_recognizer(str(config), str(checkpoint), 'cpu')
    score = inference_recognizer(model, str(videos[0])).pred_score
    np.testing.assert_allclose(score.numpy(), saved.scores[0], atol=1e-5)
    inferencer = MMAction2Inferencer(rec=str(config), rec_weights=str(checkpoint), device='cpu')
    (result,) = inferencer(str(videos[0]))['predictions']
    np.testing.assert_allclose(result['rec_scores'][0], saved.scores[0], atol=1e-5)


def test_picture_of_the_motion(tested, tmp_path, capsys, monkeypatch):
    paper, config, checkpoint, saved, videos = tested
    titles, labels = [], []
    monkeypatch.setattr('matplotlib.figure.Figure.suptitle', lambda _, t, **kw: titles.append(t))
    monkeypatch.setattr('matplotlib.axes.Axes.set_title', lambda _, t, **kw: labels.append(t))
    picture = tmp_path / 'demo.png'
    files = ['--config', config, '--checkpoint', checkpoint, '--out', picture]
    run_script('demo/demo.py', videos[0], *files, '--device', 'cpu')
    best = saved.scores[0].argmax()
    assert f'{saved.scores[0, best]:.4f}  class {best}' in capsys.readouterr().out
    assert MOTIONS.get(paper, f'class {best} (') in titles[0]
    assert all(label.startswith('frame ') and label.endswith(' s') for label in labels)
    assert max(cv2.imread(str(picture)).shape) < 1500


def test_webcam_finds_what_it_asks_for(tested):
    """What upstream's webcam_demo.py does: the pipeline without sampler and decoder, on frames."""
    _, config, checkpoint, _, videos = tested
    model = upstreams_init_recognizer(str(config), str(checkpoint), 'cpu')
    (sampler,) = [s for s in model.cfg.test_pipeline if 'SampleFrames' in s['type']]
    left = [
        step
        for step in model.cfg.test_pipeline
        if step is not sampler and step['type'] not in ('DecordInit', 'DecordDecode')
    ]
    length = sampler['clip_len'] * sampler['num_clips']
    frames = np.resize(read_frames(videos[0], 0, 17), (length, 32, 32, 3))
    sample = dict(
        imgs=list(frames), img_shape=(32, 32), modality='RGB', label=-1,
        clip_len=sampler['clip_len'], num_clips=sampler['num_clips'],
    )  # fmt: skip
    with torch.no_grad():
        result = model.test_step(pseudo_collate([Compose(left)(sample)]))[0]
    assert result.pred_score.sum().item() == pytest.approx(1, abs=1e-4)


def test_where_the_model_looks(tested, tmp_path, capsys):
    """Through the stem of branches, on residual frames, and in what OFF's score is made from."""
    paper, config, checkpoint, _, videos = tested
    branch = dict(pan=['--branch', 'pa'], dcd=['--branch', 'motion']).get(paper, [])
    files = ['--config', config, '--checkpoint', checkpoint, '--out', tmp_path / 'cam.png']
    run_script('demo/grad_cam.py', videos[0], *files, *branch)
    seer = dict(pan='pa.backbone', dcd='motion.backbone', off='neck.').get(paper, 'backbone')
    assert f'seen by {seer}' in capsys.readouterr().out
    assert np.std(cv2.imread(str(tmp_path / 'cam.png'))) > 10


def test_branch_logits_are_those_of_the_model(tested):
    _, config, checkpoint, _, videos = tested
    model = init_recognizer(config, checkpoint, 'cpu')
    batch = prepare_video(model, videos[0])
    inputs = model.data_preprocessor(batch)['inputs']
    with torch.no_grad():
        logits = model(inputs, stage='head')
        expected = logits if isinstance(logits, dict) else {None: logits}
        for name, value in expected.items():
            torch.testing.assert_close(score_views(model, inputs, name), value)


def test_upstreams_demos_find_every_sampler():
    for path in (ROOT / 'configs/_base_/datasets').glob('*.py'):
        pipeline = Config.fromfile(path).test_pipeline
        found = [step for step in pipeline if 'SampleFrames' in step['type']]
        assert len(found) == 1, path
        assert {'clip_len', 'num_clips'} <= set(found[0]), path


def test_test_shows_what_it_predicts(tested):
    """A picture of every video, by the name of its file."""
    _, config, _, _, videos = tested
    pictures = sorted((config.parent / 'shown').glob('*.png'))
    assert [picture.stem.partition('_')[2] for picture in pictures] == [v.stem for v in videos]
    for picture in pictures:
        assert np.std(cv2.imread(str(picture))) > 10


def test_test_in_bfloat16(tested):
    """What comes after a backbone sees float32, maps from inside of it included."""
    paper, config, checkpoint, saved, _ = tested
    if paper != 'off':
        pytest.skip('nothing but OFF reads what is inside a backbone')
    scores = config.parent / 'fast.pkl'
    arguments = ['--work-dir', config.parent, '--dump', scores, '--fast', 'bfloat16']
    run_script('tools/test.py', config, checkpoint, *arguments)
    fast = load_scores(scores)
    np.testing.assert_allclose(fast.scores, saved.scores, atol=0.1)


@pytest.fixture(scope='module')
def frames(shapes, tmp_path_factory):
    """A folder with the frames of a video."""
    folder = tmp_path_factory.mktemp('frames')
    video = min((shapes / 'videos/test').glob('*.mp4'))
    for index, frame in enumerate(read_frames(video, 0, 17)):
        cv2.imwrite(str(folder / f'img_{index + 1:05}.png'), frame[..., ::-1])
    return folder


class TestWhatIsClassified:
    @pytest.fixture(scope='class')
    def model(self, tmp_path_factory):
        cfg = load_config(str(ROOT / 'configs' / CONFIGS['baseline']))
        cfg.test_dataloader.dataset.filename_tmpl = 'img_{:05}.png'
        path = tmp_path_factory.mktemp('model') / 'model.pth'
        save_decided_model(cfg, path)
        labels = path.with_name('labels.txt')
        labels.write_text('\n'.join('abcdefgh'))
        return init_recognizer(cfg, path, labels=labels)

    def test_labels_go_before_the_checkpoints(self, model):
        assert model.classes == list('abcdefgh')

    def test_a_folder_of_frames_is_the_video(self, model, shapes, frames):
        video = min((shapes / 'videos/test').glob('*.mp4'))
        expected, batch = classify(model, video)
        found, folder_batch = classify(model, frames)
        torch.testing.assert_close(found, expected, atol=0.01, rtol=0)
        inds = [b['data_samples'][0].metainfo['frame_inds'].tolist() for b in (batch, folder_batch)]
        assert inds[1] == [index + 1 for index in inds[0]]

    def test_a_folder_without_frames(self, model, tmp_path):
        with pytest.raises(ValueError, match='expected frames from img_00001.png on, got none'):
            classify(model, tmp_path)

    def test_the_loaders_pipeline_goes_before_another(self, model, shapes):
        """What tools/test.py runs; ``test_pipeline`` of the config can be another one."""
        video = min((shapes / 'videos/test').glob('*.mp4'))
        expected, _ = classify(model, video)
        model.cfg.test_pipeline = [dict(type='DecordInit')]
        assert torch.equal(classify(model, video)[0], expected)

    def test_too_few_labels(self, model, shapes, monkeypatch):
        monkeypatch.setattr(model, 'classes', ['a', 'b'])
        with pytest.raises(
            ValueError, match='labels: expected a name for each of 8 classes, got 2'
        ):
            classify(model, min((shapes / 'videos/test').glob('*.mp4')))

    @pytest.mark.parametrize(('average', 'loss', 'convert'), [
        ('score', 'CrossEntropyLoss', lambda x: x.softmax(0)),
        (None, 'CrossEntropyLoss', lambda x: x.softmax(0)),
        ('prob', 'BCELossWithLogits', lambda x: x.sigmoid()),
    ])  # fmt: skip
    def test_upstreams_heads(self, shapes, tmp_path, average, loss, convert):
        cfg = load_config(str(ROOT / 'configs' / CONFIGS['baseline']))
        cfg.model.cls_head.update(average_clips=average, loss_cls=dict(type=loss))
        save_decided_model(cfg, tmp_path / 'model.pth')
        model = init_recognizer(cfg, tmp_path / 'model.pth', 'cpu')
        video = min((shapes / 'videos/test').glob('*.mp4'))
        found, _ = classify(model, video)
        raw = upstreams_init_recognizer(cfg, str(tmp_path / 'model.pth'), 'cpu')
        raw.cls_head.average_clips = 'score'
        logits = inference_recognizer(raw, str(video)).pred_score
        torch.testing.assert_close(found, convert(logits))


class TestOtherDemos:
    """Each on a model that has what it shows, and on one that has not."""

    @pytest.fixture(scope='class')
    def lite(self, tmp_path_factory):
        path = tmp_path_factory.mktemp('lite') / 'model.pth'
        config = ROOT / 'configs/pan/pan_lite_r18_motionshapes.py'
        save_decided_model(load_config(str(config)), path)
        return ['--config', config, '--checkpoint', path, '--device', 'cpu']

    @pytest.mark.parametrize('layer', ['layer1', 'backbone.layer1'])
    def test_off_of_what_a_wrapper_holds(self, lite, shapes, tmp_path, layer):
        video = min((shapes / 'videos/test').glob('*.mp4'))
        out = tmp_path / 'off.jpg'
        run_script('demo/off_maps.py', video, *lite, '--layer', layer, '--out', out)
        assert out.read_bytes()[:2] == b'\xff\xd8'  # a JPEG, as its name says

    @pytest.mark.parametrize(('script', 'said'), [
        ('displacement_map', '--config: expected a model with a DynamicsStem, got '),
        ('representation_flow', '--config: expected a model with a flow layer, got '),
    ])  # fmt: skip
    def test_a_model_without_it(self, lite, shapes, capsys, script, said):
        video = min((shapes / 'videos/test').glob('*.mp4'))
        with pytest.raises(SystemExit):
            run_script(f'demo/{script}.py', video, *lite)
        assert said in capsys.readouterr().err

    @pytest.mark.parametrize(('arguments', 'said'), [
        (['--top-k', '0'], 'top_k: expected at least 1 class, got 0'),
        (['--out', 'pics'], 'picture: expected a file that ends in .png'),
    ])  # fmt: skip
    def test_mistakes(self, lite, shapes, capsys, arguments, said):
        video = min((shapes / 'videos/test').glob('*.mp4'))
        with pytest.raises(SystemExit):
            run_script('demo/demo.py', video, *lite, *arguments)
        assert said in capsys.readouterr().err

    def test_a_config_without_a_checkpoint(self, lite, shapes, capsys):
        video = min((shapes / 'videos/test').glob('*.mp4'))
        with pytest.raises(SystemExit):
            run_script('demo/representation_flow.py', video, *lite[:2])
        said = 'checkpoint: expected the weights of a trained recogniser, got none'
        assert said in capsys.readouterr().err
