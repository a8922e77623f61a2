"""Saying in one sentence what is wrong with a folder of frames.

What MMAction2's ``RawFrameDecode`` says (tried): FileNotFoundError of a missing frame, with no word
of the list that promised it; ``cv2.error``, an assertion in OpenCV, of an empty or damaged one.
"""

import os
from pathlib import Path

import cv2

from mmmotion.datasets.media.video import VideoError

__all__ = ['check_frames', 'find_frames_error']


def check_frames(
    folder: str | os.PathLike,
    num_frames: int,
    *,
    filename_tmpl: str,
    start_index: int = 1,
    flow: bool = False,
) -> None:
    """Check that a folder holds the frames that a list promises, and that they can be decoded.

    Args:
        folder: a local directory.
        num_frames: the frames promised.
        filename_tmpl: name of a frame, such as ``{:05}.jpg``, given its number; of flow, such as
            ``{}_{:05}.jpg``, given x or y and its number.
        start_index: number of the first frame.
        flow: whether the frames are flow, of x and of y.

    Raises:
        FileNotFoundError: there is no such folder.
        VideoError: a ValueError; a frame is missing, empty, damaged, or no image.
    """
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'{folder}: expected a directory of frames, got no such one')
    numbers = range(start_index, start_index + num_frames)
    names = []
    for number in numbers:
        if flow:
            names.append(filename_tmpl.format('x', number))
            names.append(filename_tmpl.format('y', number))
        else:
            names.append(filename_tmpl.format(number))
    paths = [Path(folder, name) for name in names]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise VideoError(
            f'{folder}: expected the {len(paths)} frames of the list, {names[0]} to {names[-1]}, '
            f'got {len(paths) - len(missing)} of them, without {missing[0]}'
        )
    for path in paths:
        size = path.stat().st_size
        if not size or cv2.imread(str(path)) is None:
            raise VideoError(f'{path}: expected an image, got {size} bytes that cannot be decoded')


def find_frames_error(
    folder: str | os.PathLike,
    num_frames: int,
    error: Exception,
    *,
    filename_tmpl: str,
    start_index: int = 1,
    flow: bool = False,
) -> Exception | None:
    """Find out whether an error that a pipeline raised lies in the frames.

    Args:
        folder: the folder that the pipeline read.
        num_frames: the frames the list promised.
        error: what the pipeline raised.
        filename_tmpl: name of a frame, given its number.
        start_index: number of the first frame.
        flow: whether the frames are flow, of x and of y.

    Returns:
        An error that says in one sentence what is wrong, or None where it is not the fault of the
        frames, so that a mistake in the pipeline is not taken for a bad folder.
    """
    if isinstance(error, VideoError):  # of a sampler: too few frames
        return error
    if not isinstance(error, OSError | cv2.error):
        return None
    try:
        check_frames(
            folder, num_frames, filename_tmpl=filename_tmpl, start_index=start_index, flow=flow
        )
    except (OSError, VideoError) as problem:
        return problem
    return None
