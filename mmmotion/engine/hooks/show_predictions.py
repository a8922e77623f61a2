"""Pictures of the videos of a test, with what was predicted and what is true."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from mmengine.dist import get_rank, get_world_size
from mmengine.hooks import Hook
from torch import Tensor

from mmmotion.checks import check_integer
from mmmotion.registry import HOOKS
from mmmotion.visualization.clip_frames import clip_pictures
from mmmotion.visualization.figures import save_figure

__all__ = ['ShowPredictionsHook']

NUM_FRAMES = 8  # of a video, in its picture
TOP_K = 3  # predicted classes


@HOOKS.register_module()
class ShowPredictionsHook(Hook):
    """Save a picture of a tested video: its frames, its class, the most probable classes.

    MMAction2's ``VisualizationHook`` takes one clip of a 3D network only and draws no prediction.

    Args:
        out_dir: where; a picture is called by the place of its video in the list, and its name.
        interval: every so many videos.

    Raises:
        ValueError: the interval is less than 1.
    """

    def __init__(self, out_dir: str, interval: int = 1) -> None:
        check_integer('interval', interval)
        self.out_dir = Path(out_dir)
        self.interval = interval
        self.num_seen = 0

    def before_test_epoch(self, runner) -> None:
        self.num_seen = 0

    def after_test_iter(self, runner, batch_idx: int, data_batch: dict, outputs: Sequence) -> None:
        dataset = runner.test_dataloader.dataset
        classes = dataset.metainfo.get('classes')
        for clips, sample in zip(data_batch['inputs'], outputs, strict=True):
            # A sampler gives the videos to the processes in turn.
            index = self.num_seen * get_world_size() + get_rank()
            self.num_seen += 1
            if index % self.interval or index >= len(dataset):
                continue
            info = dataset.get_data_info(index)
            path = info.get('filename') or info.get('frame_dir') or str(index)
            name = Path(path).stem
            caption = _caption(name, sample, classes)
            figure = draw_prediction(clips, caption)
            out = self.out_dir / f'{index:06d}_{name}.png'
            save_figure(figure, out)


def draw_prediction(clips: Tensor, caption: str) -> Figure:
    """Draw some frames of a video, evenly spaced, below a caption.

    Args:
        clips: as of :func:`mmmotion.visualization.clip_frames.clip_pictures`; signed differences
            of frames are shown by their size.
        caption: lines of text.
    """
    if clips.is_floating_point() or clips.dtype.is_signed:
        sizes = clips.abs()
        clips = sizes.clamp(max=255).byte()
    pictures = clip_pictures(clips)
    count = min(NUM_FRAMES, len(pictures))
    places = np.linspace(0, len(pictures) - 1, count)
    figure = Figure(figsize=(2 * count, 2.8), layout='constrained')
    axes = figure.subplots(1, count, squeeze=False)
    for axis, place in zip(axes[0], places, strict=True):
        axis.imshow(pictures[round(place)])
        axis.set_axis_off()
    figure.suptitle(caption, fontsize=9)
    return figure


def _caption(name: str, sample, classes: Sequence[str] | None) -> str:
    """Return three lines: the name of the video, its classes, the most probable classes."""
    scores = sample.pred_score
    if not classes:
        classes = [f'class {index}' for index in range(len(scores))]
    lines = [name]
    if 'gt_label' in sample and sample.gt_label.min() >= 0:
        true = ', '.join(classes[index] for index in sample.gt_label.tolist())
        lines.append(f'ground truth: {true}')
    is_distribution = scores.min() >= 0 and 0.99 < scores.sum() < 1.01
    if not is_distribution:  # logits, of a head with average_clips='score'
        scores = scores.softmax(dim=0)
    values, indices = scores.topk(min(TOP_K, len(scores)))
    predicted = []
    for index, value in zip(indices.tolist(), values.tolist(), strict=True):
        predicted.append(f'{classes[index]} {value:.3f}')
    lines.append('prediction: ' + ', '.join(predicted))
    return '\n'.join(lines)
