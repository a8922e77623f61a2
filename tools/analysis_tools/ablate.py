"""Train and test a config with options varied, over several seeds; print mean and spread.

    python tools/analysis_tools/ablate.py configs/pan/ablations.yml --out result.json

A case gives ``seeds``, a count or a list, and may give ``threads`` of the CPU. What a work dir
holds already is not trained again, so it can be interrupted. The JSON file is written after each
case; its rows of other cases stay, so that ``--only`` can fill it bit by bit.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import mean, stdev

import torch
import yaml

from mmmotion.apis import run, script_parser
from mmmotion.files import whole_file

ROOT = Path(__file__).parents[2]


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('cases', type=Path, help='YAML file of cases: name, config, ...')
    parser.add_argument('--only', nargs='+', metavar='NAME', help='names of the cases to run')
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/ablations'))
    parser.add_argument('--metric', default='acc/top1', help='what of the test is reported')
    parser.add_argument('--out', type=Path, help='JSON file for the result')
    return parser.parse_args()


def run_tool(script: str, *arguments: object, threads: int) -> None:
    """Run a tool of ours; its output is in its own log, unless it fails."""
    command = [sys.executable, f'tools/{script}', *map(str, arguments)]
    env = {**os.environ, 'OMP_NUM_THREADS': str(threads)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f'{script}: expected it to succeed, got {done.stderr.strip()[-300:]}')


def train_and_test(
    config: str, options: list[str], seed: int, threads: int, work_dir: Path
) -> dict:
    """Return commit, seconds of training and the metrics of the test."""
    result = work_dir / 'result.json'
    if not result.exists():
        overrides = ['--cfg-options', *options] if options else []
        start = time.perf_counter()
        where = ['--work-dir', work_dir, '--seed', seed]
        run_tool(
            'train.py', config, '--resume', '--no-validate', *where, *overrides, threads=threads
        )
        seconds = time.perf_counter() - start
        checkpoint = (work_dir / 'last_checkpoint').read_text().strip()
        where = ['--work-dir', work_dir / 'test']
        run_tool('test.py', config, checkpoint, *where, *overrides, threads=threads)
        newest = max((work_dir / 'test').glob('*/*.json'), key=lambda path: path.stat().st_mtime)
        found = dict(
            commit=commit(), seconds=round(seconds), metrics=json.loads(newest.read_text())
        )
        with whole_file(result) as partial:
            partial.write_text(json.dumps(found))
    return json.loads(result.read_text())


def commit() -> str:
    command = ['git', 'rev-parse', '--short=10', 'HEAD']
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def summarise(case: dict, results: list[dict], seeds: list[int], threads: int, metric: str) -> dict:
    values = [100 * result['metrics'][metric] for result in results]
    return {
        'name': case['name'],
        'config': case['config'],
        'mean': round(mean(values), 1),
        'spread': round(stdev(values), 1) if len(values) > 1 else None,
        'values': [round(value, 1) for value in values],
        'seeds': seeds,
        'threads': [threads] * len(seeds),
        'seconds a training': max(result['seconds'] for result in results),
        'device': torch.cuda.get_device_name() if torch.cuda.is_available() else 'cpu',
        'commit': results[0]['commit'],
        'options': case.get('options', []),
    }


def run_case(case: dict, args: argparse.Namespace) -> dict:
    folder = args.work_dir.resolve() / re.sub(r'\W+', '_', case['name']).strip('_')
    seeds = case.get('seeds', 1)
    seeds = list(range(seeds)) if isinstance(seeds, int) else seeds
    threads = case.get('threads', torch.get_num_threads())
    suffix = f'_threads_{threads}' if 'threads' in case else ''
    results = []
    for seed in seeds:
        work_dir = folder / f'seed_{seed}{suffix}'
        options = case.get('options', [])
        results.append(train_and_test(case['config'], options, seed, threads, work_dir))
    row = summarise(case, results, seeds, threads, args.metric)
    spread = '' if row['spread'] is None else f' +- {row["spread"]}'
    print(f'{row["mean"]:5.1f}{spread:8}  {row["name"]}', flush=True)
    return row


def read_rows(out: Path, metric: str) -> dict[str, dict]:
    """Return the rows that a JSON file holds already, by name; none if it is not there."""
    if not out.exists():
        return {}
    found = json.loads(out.read_text())
    if found['metric'] != metric:
        raise ValueError(f'--out: expected a file of {metric}, got {out} of {found["metric"]}')
    return {row['name']: row for row in found['rows']}


def choose_cases(spec: dict, names: list[str] | None) -> list[dict]:
    """Return the cases of these names, or all, each with its config."""
    cases = [{'config': spec.get('config'), **case} for case in spec['cases']]
    known = [case['name'] for case in cases]
    unknown = sorted(set(names or []) - set(known))
    if unknown:
        raise ValueError(f'--only: expected some of {", ".join(known)}, got {unknown[0]}')
    return [case for case in cases if names is None or case['name'] in names]


def main(args: argparse.Namespace) -> None:
    spec = yaml.safe_load(args.cases.read_text())
    cases = choose_cases(spec, args.only)
    rows = read_rows(args.out, args.metric) if args.out else {}
    for case in cases:
        rows[case['name']] = run_case(case, args)
        if args.out:
            table = dict(metric=args.metric, rows=[*rows.values()])
            with whole_file(args.out) as partial:
                partial.write_text(json.dumps(table, indent=2) + '\n')


if __name__ == '__main__':
    run(main, parse_args())
