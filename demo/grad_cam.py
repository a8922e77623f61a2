"""Show where in a video a trained recogniser sees a class (Grad-CAM).

python demo/grad_cam.py VIDEO --config CONFIG --checkpoint CHECKPOINT --out cam.png cam.mp4
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch

from mmmotion.apis import (
    find_class,
    load_recognizer,
    pick_recognizer,
    prepare_video,
    recognizer_parser,
    run,
    score_views,
)
from mmmotion.datasets.media import write_video
from mmmotion.models.heads.probabilities import to_probabilities
from mmmotion.visualization import (
    GradCAM,
    clip_pictures,
    draw_heat_maps,
    last_map,
    match_frames,
    overlay,
    time_labels,
    watch_maps,
)

LEGIBLE = 224  # pixels


def parse_args() -> argparse.Namespace:
    parser = recognizer_parser(__doc__)
    parser.add_argument('video', help='video file, or folder of frames')
    parser.add_argument('--out', nargs='+', default=['cam.png'], help='a .png, an .mp4, or both')
    parser.add_argument('--class', dest='wanted', help='name or index; else the predicted class')
    parser.add_argument('--branch', help='who looks, if there are branches')
    parser.add_argument('--layer', help='default: the last map that the score is made from')
    parser.add_argument('--list-layers', action='store_true', help='only list layers with maps')
    parser.add_argument('--num', type=int, default=16, help='frames in the picture, at most')
    parser.add_argument('--fps', type=float, default=8, help='frames a second of the video')
    return parser.parse_args()


def check_out(paths: list[str]) -> None:
    for path in paths:
        if Path(path).suffix.lower() not in ('.png', '.mp4'):
            raise ValueError(f'--out: expected a .png or an .mp4 file, got {path}')


def look(model, inputs, branch):
    """Return the scores of the views (views, classes), and the maps of all layers by name."""
    recognizer = pick_recognizer(model, branch)
    with torch.enable_grad(), watch_maps(recognizer) as maps:
        scores = score_views(model, inputs, branch)
    return scores, maps


def find_heat(model, inputs, layer, target, branch) -> np.ndarray:
    """Return one heat map for each frame or stack of the video, (n, H, W)."""
    score = partial(score_views, model, branch=branch)
    # Frames are either in the stacks of a view, (1, V, 3, T, H, W), or the views themselves.
    frames = inputs.shape[3] if inputs.dim() == 6 else inputs.shape[1]
    cam = GradCAM(pick_recognizer(model, branch), layer, score=score)
    heat = cam(inputs, target, size=(frames, *inputs.shape[-2:]))
    heat = heat.flatten(0, -3)  # from (N, H, W) or (N, T, H, W)
    return heat.cpu().numpy()


def side_by_side(frames, coloured) -> np.ndarray:
    """Return videos (n, H, W, 3) as one, small ones enlarged for the eye."""
    both = np.concatenate([frames, coloured], axis=2)  # (n, H, 2 W, 3)
    times = max(1, LEGIBLE // both.shape[1])
    taller = both.repeat(times, axis=1)
    return taller.repeat(times, axis=2)


def write(path, frames, heat, title, labels, args) -> None:
    if Path(path).suffix.lower() == '.png':
        draw_heat_maps(frames, heat, num=args.num, path=path, title=title, labels=labels)
        print(f'picture: {path}')
    else:
        coloured = overlay(frames, heat)
        write_video(path, side_by_side(frames, coloured), fps=args.fps)
        print(f'video: {path}')


def show(args: argparse.Namespace, model, batch: dict) -> None:
    inputs = model.data_preprocessor(batch, training=False)['inputs']
    scores, maps = look(model, inputs, args.branch)
    if args.list_layers:
        for name, out in maps.items():
            if name:
                print(f'{name}  {tuple(out.shape)}')
        return
    layer = args.layer or last_map(maps, scores)
    head = pick_recognizer(model, args.branch).cls_head
    probabilities = to_probabilities(scores.detach(), head).mean(dim=0)
    target = int(probabilities.argmax())
    if args.wanted is not None:
        target = find_class(args.wanted, len(probabilities), model.classes)
    heat = find_heat(model, inputs, layer, target, args.branch)
    clips = batch['inputs'][0]
    pictures = clip_pictures(clips)
    labels = time_labels(batch['data_samples'][0].metainfo, len(pictures))
    shown = match_frames(clips, len(heat))
    frames = pictures[shown]
    labels = [labels[index] for index in shown]
    name = model.classes[target] if model.classes else str(target)
    seer = '.'.join(filter(None, (args.branch, layer)))
    title = f'{name} ({probabilities[target]:.1%}), seen by {seer}'
    print(title)
    for path in args.out:
        write(path, frames, heat, title, labels, args)


def main(args: argparse.Namespace) -> None:
    check_out(args.out)
    model = load_recognizer(args)
    show(args, model, prepare_video(model, args.video))


if __name__ == '__main__':
    run(main, parse_args())
