"""Classify a video and show the motion that the recogniser sees.

python demo/demo.py VIDEO --config CONFIG --checkpoint CHECKPOINT --out demo.png

VIDEO is a file or a folder of frames. The picture has a frame over the motion that the model
computed from it on: persistence of appearance, residual frames, OFF, flow or displacement.
"""

import argparse

import numpy as np
from torch import nn

from mmmotion.apis import (
    classify,
    load_recognizer,
    recognizer_parser,
    run,
    top_k,
)
from mmmotion.models.heads.probabilities import has_independent_classes
from mmmotion.visualization import (
    SeenMotion,
    clip_pictures,
    draw_frames,
    draw_frames_over_maps,
    find_numbers,
    first_motion,
    frame_indices,
    time_labels,
    watch_motion,
)


def parse_args() -> argparse.Namespace:
    parser = recognizer_parser(__doc__)
    parser.add_argument('video', help='video file, or folder of frames')
    parser.add_argument('--out', default='demo.png', help='picture of the frames over their motion')
    parser.add_argument('--top-k', type=int, default=5, help='how many classes to name')
    return parser.parse_args()


def say_if_independent(model: nn.Module) -> None:
    """Print that probabilities do not add up to 1 where a video can be of several classes."""
    heads = [module.cls_head for module in model.modules() if hasattr(module, 'cls_head')]
    if heads and has_independent_classes(heads[0]):
        print('each class by itself (sigmoid): the model was trained for several classes a video')


def draw(batch: dict, motion: SeenMotion | None, *, path: str, title: str) -> None:
    """Draw the frames of a video, over the motion if there is any."""
    clips = batch['inputs'][0]
    metainfo = batch['data_samples'][0].metainfo
    frames = clip_pictures(clips)
    labels = time_labels(metainfo, len(frames))
    if motion is None:
        draw_frames(frames, path=path, title=title, labels=labels)
        return
    num_clips, num_maps = motion.maps.shape[:2]
    maps = motion.maps.reshape(-1, *motion.maps.shape[2:])  # (num_clips * num_maps, h, w)
    begins = frame_indices(num_clips, len(frames) // num_clips, len(maps))
    numbers = find_numbers(metainfo, len(frames))
    # Views overlap: a frame of several of them is shown once, and all in order of time.
    order = np.arange(len(begins))
    if numbers is not None:
        _, order = np.unique(numbers[begins], return_index=True)
    begins = begins[order]
    what = 'RGB' if clips.shape[1] == 3 else 'flow'
    draw_frames_over_maps(
        frames[begins],
        maps[order],
        path=path,
        title=f'{title}: {what} over {motion.name}',
        labels=np.array(labels)[begins].tolist(),
        group=num_maps if len(order) == len(maps) else 1,
    )


def main(args: argparse.Namespace) -> None:
    model = load_recognizer(args)
    with watch_motion(model) as heard:
        probabilities, batch = classify(model, args.video)
    best = top_k(probabilities, args.top_k, model.classes)
    say_if_independent(model)
    for name, probability in best:
        print(f'{probability:.4f}  {name}')
    name, probability = best[0]
    title = f'{name} ({probability:.1%})'
    draw(batch, first_motion(model, heard), path=args.out, title=title)
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
