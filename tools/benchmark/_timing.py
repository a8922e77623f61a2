"""What the benchmarks share: their options, interleaved timing, peak memory, the report.

A bare time says little on a machine that does other work, so versions are timed in turns, A B A B,
and compared by the median of the ratios of neighbours.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch

from mmmotion.tables import format_table

__all__ = [
    'benchmark_parser',
    'compare',
    'environments',
    'found_devices',
    'matrix_product',
    'peak_megabytes',
    'print_peak',
    'ratio',
    'report',
]

ROOT = Path(__file__).parents[2]


def benchmark_parser(description: str, *, rounds: int) -> argparse.ArgumentParser:
    """Return a parser of the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    parser.add_argument('--rounds', type=int, default=rounds)
    parser.add_argument('--device', choices=('cpu', 'cuda'), help='default: all that are found')
    parser.add_argument('--out', help='JSON file for the result')
    return parser


def found_devices(chosen: str | None) -> list[str]:
    """Return the device that was chosen, else the CPU and the GPU that there may be."""
    found = ['cpu', 'cuda'] if torch.cuda.is_available() else ['cpu']
    return [chosen] if chosen else found


def compare(functions: dict[str, Callable], rounds: int, device: str) -> dict[str, list[float]]:
    """Time every function once per round, in seconds, after two calls that warm it up."""
    times = {name: [] for name in functions}
    for call in functions.values():
        call(), call()
    for _ in range(rounds):
        for name, call in functions.items():
            _wait(device)
            start = time.perf_counter()
            call()
            _wait(device)
            times[name].append(time.perf_counter() - start)
    return times


def ratio(slow: list[float], fast: list[float]) -> float:
    """Return how many times faster ``fast`` is: the median over the rounds."""
    return median(a / b for a, b in zip(slow, fast, strict=True))


def matrix_product(multiply_adds: float, device: str) -> Callable:
    """Return a square matrix product of as many multiply-adds: what the machine can do at best."""
    side = round(multiply_adds ** (1 / 3))
    a, b, out = (torch.rand(side, side, device=device) for _ in range(3))

    def call():
        torch.mm(a, b, out=out)

    return call


def _peak_memory(call: Callable, device: str) -> int | None:
    """Return the bytes that ``call`` needs beyond what lives before it; None where unknown.

    On a CPU: the high-water mark of the process, so ask in a process of its own (`peak_megabytes`).
    """
    call(), call()
    if device != 'cpu':
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        call()
        return torch.cuda.max_memory_allocated() - before
    try:
        Path('/proc/self/clear_refs').write_text('5')  # resets the high-water mark
    except OSError:
        return None
    before = _status('VmRSS')
    call()
    return _status('VmHWM') - before


def peak_megabytes(make_call: Callable, args: argparse.Namespace, *case: str) -> float | None:
    """Return the peak memory of ``make_call(args, *case)``, a case starting with its device.

    On a CPU a child of the calling script measures it, by `print_peak`.
    """
    if case[0] == 'cpu':
        size = _run_child(['--memory', *case])
        return None if size == 'None' else int(size) / 1e6
    return _peak_memory(make_call(args, *case), case[0]) / 1e6


def print_peak(make_call: Callable, args: argparse.Namespace) -> None:
    """Print the bytes of the case that `--memory` names: the child's side of `peak_megabytes`."""
    print(_peak_memory(make_call(args, *args.memory), args.memory[0]))


def _run_child(arguments: list[str]) -> str:
    # Tensors are given back to the system as they die.
    env = {**os.environ, 'MALLOC_MMAP_THRESHOLD_': '65536'}
    command = [sys.executable, sys.argv[0], *sys.argv[1:], *arguments]
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[-1]


def environments(devices: list[str]) -> dict[str, dict]:
    """Return what was measured and where, for each device."""
    return {device: _environment(device) for device in devices}


def _environment(device: str) -> dict[str, str | int]:
    return {
        'device': _device_name(device),
        'threads': torch.get_num_threads(),
        'torch': torch.__version__,
        'commit': _git('rev-parse', '--short=10', 'HEAD'),
        'modified': bool(_git('status', '--porcelain', '--', 'mmmotion')),
        'command': ' '.join(['python', *sys.argv]),
    }


def report(result: dict, rows: list[dict], out: str | None) -> None:
    """Write the JSON to ``out``, then print the table and the JSON."""
    text = json.dumps({**result, 'rows': rows}, indent=2)
    if out:
        Path(out).write_text(text + '\n')
    header = list(rows[0])
    lines = [[row[key] for key in header] for row in rows]
    print(format_table(header, lines, number='.4g'))
    print(text)


def _wait(device: str) -> None:
    if device != 'cpu':
        torch.cuda.synchronize()


def _status(key: str) -> int:
    for line in Path('/proc/self/status').read_text().splitlines():
        if line.startswith(key + ':'):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


def _device_name(device: str) -> str:
    if device != 'cpu':
        return torch.cuda.get_device_name()
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor()


def _git(*arguments: str) -> str:
    done = subprocess.run(['git', '-C', str(ROOT), *arguments], capture_output=True, text=True)
    return done.stdout.strip()
