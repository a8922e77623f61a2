"""Write the tables of configs/*/README.md from the metafile.yml beside each.

python tools/analysis_tools/write_tables.py [--check]
"""

import argparse
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
BEGIN, END = '<!-- results: written from metafile.yml -->', '<!-- end of results -->'
HEADER = ('config', 'data set', 'reported', 'measured')
REPORTED = 'Reported '  # before the name of a metric: it is the paper's


def describe(result: dict) -> str:
    """Join what is known of one result: its metrics, and where they come from."""
    metrics = [
        f'{name.removeprefix(REPORTED)} {value}' for name, value in result['Metrics'].items()
    ]
    if 'Note' in result:  # on the first of them
        metrics[0] += f' {result["Note"]}'
    source = result.get('Source') or result['Commit']
    text = f'{", ".join(metrics)} ({source})'
    return f'{text}: `{result["Command"]}`' if 'Command' in result else text


def table(metafile: Path) -> str:
    rows = [HEADER, ('---',) * len(HEADER)]
    for model in yaml.safe_load(metafile.read_text())['Models']:
        name = Path(model['Config']).name
        for result in model['Results']:
            reported = describe(result) if 'Source' in result else ''
            measured = describe(result) if 'Commit' in result else ''
            rows.append((f'[{name}]({name})', result['Dataset'], reported, measured))
    return '\n'.join('| ' + ' | '.join(row) + ' |' for row in rows)


def with_table(readme: Path) -> str:
    text = readme.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f'error: {readme}: expected the lines {BEGIN} and {END}, got none')
    return f'{before}{BEGIN}\n\n{table(readme.with_name("metafile.yml"))}\n\n{END}{after}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--check', action='store_true', help='only say which are out of date')
    check = parser.parse_args().check
    stale = [p for p in sorted(ROOT.glob('configs/*/README.md')) if p.read_text() != with_table(p)]
    for readme in stale:
        print(f'{"out of date" if check else "written"}: {readme.relative_to(ROOT)}')
        if not check:
            readme.write_text(with_table(readme))
    sys.exit(bool(check and stale))


if __name__ == '__main__':
    main()
