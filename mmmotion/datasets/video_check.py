"""Saying in one sentence what is wrong with a video file.

What decord says of bad files (0.6.0, tried): ``RuntimeError: Error reading ...`` of a missing,
empty, truncated or foreign file alike; ``DECORDError``, several lines of it, of a picture, a sound
file, damaged frames, or an MP4 file cut off after its index.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ['VideoError', 'check_video', 'video_problem']


class VideoError(ValueError):
    """A file that cannot serve as a video, in one sentence with its path."""


def check_video(path: str | os.PathLike, *, min_frames: int = 1) -> int:
    """Check that a file is a video whose first frame can be decoded.

    Args:
        path: a local file.
        min_frames: frames it must have at least.

    Returns:
        Its number of frames.

    Raises:
        FileNotFoundError: there is no such file.
        VideoError: a ValueError; it is no file, empty, truncated, no video, or too short.
    """
    _check_file(Path(path))
    num_frames = _decode_one(path)
    if num_frames < min_frames:
        raise VideoError(short_video(path, min_frames, num_frames))
    return num_frames


def video_problem(path: str | os.PathLike, error: Exception) -> Exception | None:
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
    if _is_decords(error):
        return _undecodable(path)
    if isinstance(error, OSError | RuntimeError):
        return _error_of_check(path)
    return None


def short_video(path: object, min_frames: int, num_frames: int) -> str:
    """Return the sentence about a video that is shorter than a clip."""
    return f'{path}: expected a video of at least {min_frames} frames, got {num_frames}'


def _check_file(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(f'{path}: expected a video file, got no such file')
    if path.is_dir():
        raise VideoError(f'{path}: expected a video file, got a directory')
    if not path.stat().st_size:
        raise VideoError(f'{path}: expected a video file, got an empty file')


def _decode_one(path: str | os.PathLike) -> int:
    import decord

    try:
        reader = decord.VideoReader(str(path), num_threads=1)
        reader[0]
    except (RuntimeError, IndexError, *_decord_errors()):
        raise _undecodable(path) from None
    return len(reader)


def _undecodable(path: str | os.PathLike) -> VideoError:
    size = os.path.getsize(path) if os.path.exists(path) else 0
    return VideoError(
        f'{path}: expected a video file, got {size} bytes that decord cannot decode '
        '(truncated, damaged, or no video)'
    )


def _is_decords(error: Exception) -> bool:
    return isinstance(error, _decord_errors())


def _decord_errors() -> tuple[type[Exception], ...]:
    from decord import DECORDError, DECORDLimitReachedError

    return DECORDError, DECORDLimitReachedError


def _error_of_check(path: str | os.PathLike) -> Exception | None:
    try:
        check_video(path)
    except (OSError, VideoError) as problem:
        return problem
    return None
