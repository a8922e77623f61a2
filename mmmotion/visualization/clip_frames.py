"""Which frames of a clip the maps that a network makes of it belong to."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mmmotion.visualization.flow_wheel import flows_to_rgb

__all__ = ['clip_pictures', 'find_numbers', 'frame_indices', 'match_frames', 'time_labels']

STILL = 128  # no motion, in a flow that is stored as uint8


def clip_pictures(clips: Tensor) -> NDArray[np.uint8]:
    """Return the frames of what a test pipeline packs, (n, H, W, 3), clip after clip.

    Args:
        clips: uint8, RGB (V, 3, H, W) or (V, 3, T, H, W); or flows, x and y in turn, as (V, 2 m,
            H, W), of which the first is shown in colours.

    Raises:
        ValueError: it is neither.
    """
    channels = clips.shape[1]
    if clips.dim() in (4, 5) and channels == 3:
        frames = clips.movedim(1, -1)  # (V, H, W, 3) or (V, T, H, W, 3)
        frames = frames.flatten(0, -4)  # (n, H, W, 3)
        return frames.cpu().numpy()
    if clips.dim() == 4 and channels % 2 == 0:
        flows = clips[:, :2].float() - STILL  # (V, 2, H, W), the first of each
        flows = flows.cpu().numpy()
        return flows_to_rgb(flows, least=1)
    raise ValueError(
        'clips: expected RGB (V, 3, H, W) or (V, 3, T, H, W), or flows (V, 2 m, H, W), '
        f'got {tuple(clips.shape)}'
    )


def frame_indices(num_clips: int, length: int, num_maps: int) -> NDArray[np.integer]:
    """Return the frame, of all clips one after the other, in which each map begins.

    Args:
        num_clips: all of ``length`` frames.
        length: frames of a clip.
        num_maps: of all clips together: one for each frame, for every so many frames, or for each
            pair of frames, which is one less.

    Raises:
        ValueError: there are not as many maps of each clip, or more than frames.
    """
    each, remainder = divmod(num_maps, num_clips)
    if remainder or not 0 < each <= length:
        expected = f'up to {length} for each of {num_clips} clips'
        raise ValueError(f'num_maps: expected {expected}, got {num_maps}')
    spans = each
    if length % each:  # maps of pairs, one less than frames, or than every so many frames
        spans += 1
    step = length // spans
    first = np.arange(num_clips) * length  # of a clip
    offsets = np.arange(each) * step  # within it
    places = first[:, None] + offsets  # (num_clips, each)
    return places.ravel()


def match_frames(clips: Tensor, num_maps: int) -> NDArray[np.integer]:
    """Return which of the :func:`clip_pictures` each map is of.

    Args:
        clips: as of :func:`clip_pictures`.
        num_maps: as of :func:`frame_indices`.

    Raises:
        ValueError: the maps cannot be spread over the frames evenly.
    """
    num_clips = len(clips)
    length = 1
    if clips.dim() == 5:  # (V, 3, T, H, W)
        length = clips.shape[2]
    # Single frames are one clip to the modules that see time, and so are stacks to those that see
    # one map of each.
    if length == 1 or num_maps < num_clips:
        length *= num_clips
        num_clips = 1
    return frame_indices(num_clips, length, num_maps)


def find_numbers(metainfo: dict, num_frames: int) -> NDArray[np.integer] | None:
    """Return the number in the video of each frame of a clip, None where it is not known.

    Args:
        metainfo: with ``frame_inds``.
        num_frames: of all clips and crops together.
    """
    numbers = metainfo.get('frame_inds', [])
    numbers = np.ravel(numbers)
    count = len(numbers)
    if not count:
        return None
    if num_frames % count == 0:  # crops see the same frames
        crops = num_frames // count
        return np.tile(numbers, crops)
    if count % num_frames == 0:  # a stack of flows is one picture
        length = count // num_frames
        return numbers[::length]
    return None


def time_labels(metainfo: dict, num_frames: int) -> list[str]:
    """Return the number in the video of each frame of a clip, and its time where it is known.

    Args:
        metainfo: ``frame_inds``, and ``avg_fps`` of a video file.
        num_frames: of all clips and crops together.
    """
    numbers = find_numbers(metainfo, num_frames)
    if numbers is None:
        return [f'picture {place}' for place in range(1, num_frames + 1)]
    rate = metainfo.get('avg_fps')
    labels = []
    for number in numbers:
        label = f'frame {number}'
        if rate:
            seconds = number / rate
            label += f'\n{seconds:.2f} s'
        labels.append(label)
    return labels
