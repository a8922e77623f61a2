"""Time residual frames: in a pipeline beside decoding, and on a device beside a copy of the clip.

Of the transform it prints the cost as per cent of what decoding the clip takes, both as decoded and
where configs have it, after the paper's resize to 170x128 and crop of 112x112. Of the operator it
prints passes: its time, and the bytes that its kernels read and write, over those of one clone of
the clip.

    python tools/benchmark/residual.py VIDEO --threads 1 --out result.json
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import cv2
import decord
import numpy as np
import torch
from _timing import benchmark_parser, compare, environments, found_devices, ratio, report
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import mmmotion  # noqa: F401  (the cures, before anything of upstream's is imported)
from mmmotion.datasets import ResidualFrames
from mmmotion.ops import residual_frames


def parse_args():
    parser = benchmark_parser(__doc__, rounds=15)
    parser.set_defaults(threads=1)  # as in a worker of a data loader
    parser.add_argument('video', nargs='?', help='default: a drawn one of 320x240')
    parser.add_argument('--frames', type=int, default=17, help='T + 1')
    parser.add_argument('--clips', type=int, default=8, help='of the batch on the device')
    return parser.parse_args()


def draw_video(path, num_frames=60, height=240, width=320):
    """Write a video of a textured patch that moves over a texture, with the noise of a camera."""
    rng = np.random.default_rng(0)
    ground, patch = (
        cv2.resize(rng.integers(256, size=(h // 8, w // 8, 3), dtype=np.uint8), (w, h))
        for h, w in ((height, width), (height // 2, width // 2))
    )
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*'mp4v'), 25, (width, height))
    for t in range(num_frames):
        frame = ground.copy()
        frame[t : t + height // 2, 2 * t : 2 * t + width // 2] = patch
        noise = rng.normal(0, 3, frame.shape)
        writer.write(np.clip(frame + noise, 0, 255).astype(np.uint8))
    writer.release()


def decode(video, num_frames):
    reader = decord.VideoReader(video, num_threads=1)
    if len(reader) < num_frames:
        raise SystemExit(f'VIDEO: expected at least {num_frames} frames, got {len(reader)}')
    start = (len(reader) - num_frames) // 2
    return list(reader.get_batch(range(start, start + num_frames)).asnumpy())


def crop(frames):
    """Resize and crop as section 4.3 does; crops are views, as MMAction2's are."""
    return [cv2.resize(frame, (170, 128))[8:120, 29:141] for frame in frames]


PLACES = {'as decoded': list, 'after the crop': crop}


def time_transform(args, video):
    cases = [(place, signed) for place in PLACES for signed in (False, True)]
    runs = [[run_pipeline(args, video, *case) for case in cases] for _ in range(args.rounds + 1)]
    rows = []
    for (place, signed), timed in zip(cases, zip(*runs[1:], strict=True), strict=True):
        decoding, transform, shapes = zip(*timed, strict=True)
        rows.append(
            {
                'what': f'transform {place}, {"signed" if signed else "absolute"}',
                'input': 'x'.join(map(str, shapes[0])),
                'ms': 1e3 * median(transform),
                'of decoding %': 100 / ratio(decoding, transform),
                'passes (time)': None,
                'passes (bytes)': None,
            }
        )
    return rows


def run_pipeline(args, video, place, signed):
    """Return the seconds of decoding and of the transform, and the shape that it saw.

    One after the other, as in a worker: the transform finds in the cache what is still there.
    """
    start = time.perf_counter()
    frames = decode(video, args.frames)
    decoding = time.perf_counter() - start
    results = dict(imgs=PLACES[place](frames), clip_len=args.frames, num_clips=1)
    shape = (args.frames, *results['imgs'][0].shape)
    start = time.perf_counter()
    ResidualFrames(signed).transform(results)
    return decoding, time.perf_counter() - start, shape


def time_operator(args, device, dtype):
    shape = (args.clips, args.frames, 3, 112, 112)
    clip = torch.randint(256, shape, device=device).to(dtype)
    calls = {
        'clone': clip.clone,
        'absolute': lambda: residual_frames(clip),
        'signed': lambda: residual_frames(clip, signed=True),
    }
    times = compare(calls, args.rounds, device)
    return [
        {
            'what': f'operator on {device}, {name}',
            'input': f'{dtype}'.removeprefix('torch.') + f' {"x".join(map(str, shape))}',
            'ms': 1e3 * median(times[name]),
            'of decoding %': None,
            'passes (time)': 1 / ratio(times['clone'], times[name]),
            'passes (bytes)': count_bytes(calls[name]) / count_bytes(clip.clone),
        }
        for name in calls
    ]


class Traffic(TorchDispatchMode):
    """Sum what every kernel reads and writes; a view is no kernel."""

    total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if not func.is_view:
            tensors = [x for x in tree_leaves((args, kwargs, out)) if isinstance(x, torch.Tensor)]
            self.total += sum(x.numel() * x.element_size() for x in tensors)
        return out


def count_bytes(call):
    with Traffic() as traffic:
        call()
    return traffic.total


def main():
    args = parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(0)  # as in a worker of a data loader
    devices = found_devices(args.device)
    where = environments(devices)
    with tempfile.TemporaryDirectory() as folder:
        video = args.video or str(Path(folder) / 'drawn.mp4')
        if not args.video:
            draw_video(video)
        rows = time_transform(args, video)
    for device in devices:
        for dtype in (torch.uint8, torch.float32):
            rows += time_operator(args, device, dtype)
    result = {'operator': 'residual_frames', 'video': args.video or 'drawn', 'rounds': args.rounds}
    report({**result, **where}, rows, args.out)


if __name__ == '__main__':
    main()
