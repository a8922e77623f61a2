"""MMAction2's own unit tests on the stack that is installed here, without mmmotion and with it.

git clone --branch main https://github.com/open-mmlab/mmaction2
python tools/analysis_tools/upstream_tests.py mmaction2

The tests and configs are the clone's, the package is the installed one: pytest runs in a folder of
links to all of the clone but its `mmaction`. Within the clone itself that one would be imported,
which has what the wheel lacks, and the installed one alone would not find the configs, which its
test helpers look up beside the package.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from mmmotion.apis import run, script_parser

CAUSES = {  # looked for in this order
    'network': r'URLError|HTTPError|ConnectionError|MaxRetryError|ProxyError|name resolution',
    'operators of torchvision': r'operator torchvision::\w+ does not exist',
    'left out of the wheel': r'mmaction\.models\.localizers\.drn',
    # where mmdet is missing, MMAction2 leaves out what is built upon it
    'package not installed': r"No module named|(Please|pip) install|cannot import name .* from 'mm",
    'NumPy 2': (
        r'NumPy 2|numpy.* has no attribute|out of bounds for u?int|only 0-dimensional'
        r"|'bool' object has no attribute 'any'"
    ),
    'other': '',
}
OUTCOMES = ('failure', 'error', 'skipped')  # in pytest's report; what passed has none
HAVE_RUN = (0, 1)  # pytest's exit statuses: all passed, some failed


class Problem(NamedTuple):
    """A test that failed, or a file whose tests could not be collected."""

    test: str
    output: str

    @property
    def cause(self) -> str:
        return next(cause for cause, words in CAUSES.items() if re.search(words, self.output))

    @property
    def error(self) -> str:
        """The error itself, which pytest marks with an E, without traceback and values."""
        marked = re.findall(r'^E {3}(\w\S*: .+|assert .+)', self.output, re.M)
        return marked[-1] if marked else self.output.strip().splitlines()[-1]


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('clone', type=Path, help="the folder of a clone of MMAction2's repository")
    parser.add_argument(
        'tests', nargs='*', default=['tests'], help='files or folders in it, else all of its tests'
    )
    return parser.parse_args()


def link_clone(clone: Path, folder: Path) -> None:
    """Fill a folder with links to what is in the clone, and to the installed ``mmaction``."""
    import mmaction

    for path in clone.resolve().iterdir():
        (folder / path.name).symlink_to(path)
    (folder / 'mmaction').unlink()
    (folder / 'mmaction').symlink_to(Path(mmaction.__file__).parent)


def run_pytest(folder: Path, tests: list[str], options: list[str]) -> ElementTree.Element:
    """Run tests in a fresh Python and return pytest's report of each."""
    report = folder / 'upstream_tests.xml'
    command = [
        *(sys.executable, '-m', 'pytest', *tests, *options, f'--junitxml={report}'),
        *('--quiet', '--tb=short', '--continue-on-collection-errors'),
        *('-o', 'addopts=', '-p', 'no:cacheprovider'),  # nothing is written into the clone
    ]
    env = {**os.environ, 'PYTHONDONTWRITEBYTECODE': '1'}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode not in HAVE_RUN:
        output = (done.stderr or done.stdout).strip() or 'nothing'
        raise ValueError(f'pytest: expected tests that run, got {output.splitlines()[-1]}')
    return ElementTree.parse(report).getroot()


def summarise(report: ElementTree.Element) -> tuple[Counter, list[Problem]]:
    """Return how many tests passed, failed, ... and the output of those that did not pass."""
    counts, problems = Counter(), []
    for case in report.iter('testcase'):
        outcome = next((child for child in case if child.tag in OUTCOMES), None)
        counts['passed' if outcome is None else outcome.tag] += 1
        if outcome is not None and outcome.tag != 'skipped':
            test = f'{case.get("classname")}.{case.get("name")}'.strip('.')
            problems.append(Problem(test, outcome.text or ''))
    return counts, problems


def describe(name: str, counts: Counter, problems: list[Problem]) -> str:
    """Return the counts, and the problems by their cause, one a line."""
    lines = [
        f'{name}: {counts["passed"]} passed, {counts["failure"]} failed, '
        f'{counts["error"]} errors, {counts["skipped"]} skipped'
    ]
    for cause in CAUSES:
        of_it = [problem for problem in problems if problem.cause == cause]
        if of_it:
            lines.append(f'  {cause}: {len(of_it)}')
        lines += [f'    {problem.test}: {problem.error}' for problem in of_it]
    return '\n'.join(lines)


def main(args: argparse.Namespace) -> None:
    needed = ('mmaction', 'tests', 'configs')
    if not all((args.clone / name).is_dir() for name in needed):
        raise ValueError(
            "clone: expected a clone of MMAction2's repository, with the folders "
            f'{", ".join(needed)}, got {args.clone}'
        )
    for name, options in (('bare', []), ('with mmmotion', ['-p', 'mmmotion'])):
        with tempfile.TemporaryDirectory() as folder:
            link_clone(args.clone, Path(folder))
            report = run_pytest(Path(folder), args.tests, options)
        print(describe(name, *summarise(report)), flush=True)


if __name__ == '__main__':
    run(main, parse_args())
