"""Opening a video file, and saying in one sentence what is wrong with it.

A file is opened by its path. Given the bytes of a truncated AVI or WebM file, as MMAction2's
``DecordInit`` gives them, decord 0.6.0 ends the process by a segmentation fault; given the path, it
reads the frames that are left. :mod:`mmmotion.compat` makes ``DecordInit`` call :func:`open_video`,
so that a check and a pipeline agree on every file.

What decord says of bad files (0.6.0, tried): ``RuntimeError: Error reading ...`` of a missing,
empty, truncated or foreign file alike; ``DECORDError``, several lines of it, of a picture, a sound
file, damaged frames, or an MP4 file cut off after its index.
"""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from mmmotion.files import whole_file

if TYPE_CHECKING:
    from decord import VideoReader

__all__ = [
    'VideoError',
    'check_video',
    'find_video_error',
    'open_video',
    'read_frames',
    'write_video',
]


class VideoError(ValueError):
    """A file that cannot serve as a video, in one sentence with its path."""


def open_video(path: str | os.PathLike, *, num_threads: int = 1) -> 'VideoReader':
    """Open a video file.

    Args:
        path: a local file. A name without a suffix stands for an MP4 file, as in MMAction2, unless
            there is a file of that very name.
        num_threads: threads that decode it.

    Raises:
        FileNotFoundError: there is no such file.
        VideoError: a ValueError; it is no regular file, empty, truncated, or no video.
    """
    import decord

    path = _find(Path(path))
    _check_file(path)
    try:
        # Absolute, so that FFmpeg cannot take a name with a colon for a protocol.
        return decord.VideoReader(os.path.abspath(path), num_threads=num_threads)
    except (RuntimeError, *_decord_errors()):
        raise _undecodable(path) from None


def check_video(path: str | os.PathLike, *, min_frames: int = 1) -> int:
    """Check that a file is a video of which the first, middle and last frame can be decoded.

    Args:
        path: a local file, as in :func:`open_video`.
        min_frames: frames it must have at least.

    Returns:
        Its number of frames.

    Raises:
        FileNotFoundError: there is no such file.
        VideoError: a ValueError; it is no regular file, empty, truncated, no video, or too short.
    """
    reader = open_video(path)
    num_frames = len(reader)
    try:
        reader.get_batch([0, num_frames // 2, num_frames - 1])
    except (RuntimeError, IndexError, *_decord_errors()):
        raise _undecodable(_find(Path(path))) from None
    if num_frames < min_frames:
        raise VideoError(
            f'{path}: expected a video of at least {min_frames} frames, got {num_frames}'
        )
    return num_frames


def read_frames(video: str | os.PathLike, first: int, count: int) -> NDArray[np.uint8]:
    """Read adjacent frames of a video.

    Args:
        video: a local file.
        first: index of the first of them, at least 0.
        count: how many, at least 1.

    Returns:
        (count, H, W, 3), RGB.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it has no such frames.
    """
    length = check_video(video)
    if first < 0 or count < 1 or first + count > length:
        raise ValueError(
            f'{video}: expected frames within 0 to {length - 1}, got {first} to {first + count - 1}'
        )
    return open_video(video).get_batch(range(first, first + count)).asnumpy()


def find_video_error(path: str | os.PathLike, error: Exception) -> Exception | None:
    """Find out whether an error that a pipeline raised lies in the video.

    Args:
        path: the video that the pipeline read.
        error: what it raised.

    Returns:
        An error that says in one sentence what is wrong with the file, or None where it is not
        the file's fault, so that a mistake in the pipeline is not taken for a bad video.
    """
    if isinstance(error, VideoError):
        return error
    if isinstance(error, _decord_errors()):
        return _undecodable(_find(Path(path)))
    if isinstance(error, OSError | RuntimeError):
        try:
            check_video(path)
        except (OSError, VideoError) as problem:
            return problem
    return None


def write_video(
    path: str | os.PathLike, frames: NDArray[np.uint8], *, fps: float, codec: str = 'mp4v'
) -> None:
    """Write an MP4 file as a whole or not at all.

    Args:
        path: the file, ending in .mp4; its folder is made.
        frames: (n, H, W, 3) RGB.
        fps: frames a second.
        codec: its four letters, as OpenCV knows them.

    Raises:
        OSError: it cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = frames.shape[1:3]
    fourcc = cv2.VideoWriter_fourcc(*codec)
    with whole_file(path, suffix='.mp4') as partial:  # the suffix tells OpenCV the format
        writer = cv2.VideoWriter(str(partial), cv2.CAP_FFMPEG, fourcc, fps, (width, height))
        for frame in frames:
            writer.write(frame[..., ::-1])  # OpenCV's order is BGR
        writer.release()
        # The writer does not say when it fails, on a full disk for instance.
        written = cv2.VideoCapture(str(partial), cv2.CAP_FFMPEG)
        count = int(written.get(cv2.CAP_PROP_FRAME_COUNT))
        if count != len(frames):
            raise OSError(f'{path}: expected {len(frames)} frames to be written, got {count}')


def _find(path: Path) -> Path:
    if path.suffix or path.exists():
        return path
    return path.with_name(f'{path.name}.mp4')


def _check_file(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(f'{path}: expected a video file, got no such file')
    if path.is_dir():
        raise VideoError(f'{path}: expected a video file, got a directory')
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # opening a pipe or a device may never return
        raise VideoError(f'{path}: expected a video file, got a pipe or a device')
    if not status.st_size:
        raise VideoError(f'{path}: expected a video file, got an empty file')


def _undecodable(path: str | os.PathLike) -> VideoError:
    size = os.path.getsize(path) if os.path.exists(path) else 0
    return VideoError(
        f'{path}: expected a video file, got {size} bytes that decord cannot decode '
        '(truncated, damaged, or no video)'
    )


def _decord_errors() -> tuple[type[Exception], ...]:
    from decord import DECORDError, DECORDLimitReachedError

    return DECORDError, DECORDLimitReachedError
