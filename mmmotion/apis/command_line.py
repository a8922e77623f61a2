"""What all command lines share: their options, the config that they name, and how they end."""

import argparse
from collections.abc import Callable
from typing import Any

from mmengine.config import Config, DictAction
from torch import nn

from mmmotion.apis.errors import one_sentence_errors
from mmmotion.apis.inference import init_recognizer
from mmmotion.apis.runner import load_config

__all__ = [
    'ConfigOptions',
    'config_parser',
    'load_recognizer',
    'read_config',
    'recognizer_parser',
    'run',
    'runner_parser',
    'script_parser',
]

LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')


class ConfigOptions(DictAction):
    """MMEngine's action for ``--cfg-options``, which says how to write one where it is wrong."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        """Parse what follows ``--cfg-options``."""
        for value in values:
            key, equals, _ = value.partition('=')
            if not (key and equals):
                raise argparse.ArgumentError(self, f'expected key=value, got {value}')
        super().__call__(parser, namespace, values, option_string)


def script_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the one option that every script has, ``--traceback``.

    Args:
        description: the docstring of the script, whose first line says what it does.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument('--traceback', action='store_true', help='show where an error was raised')
    return parser


def config_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of ``config``, the first argument, and of ``--cfg-options``.

    Args:
        description: as of :func:`script_parser`.
    """
    parser = script_parser(description)
    parser.add_argument('config', help='config file')
    _add_config_options(parser)
    return parser


def runner_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of what ``tools/train.py`` and ``tools/test.py`` have in common.

    Args:
        description: as of :func:`script_parser`.
    """
    parser = config_parser(description)
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    parser.add_argument(
        '--local-rank', '--local_rank', type=int, default=0, help='set by launchers'
    )
    return parser


def recognizer_parser(description: str, *, required: bool = True) -> argparse.ArgumentParser:
    """Return a parser of the options that name a trained recogniser.

    Args:
        description: as of :func:`script_parser`.
        required: whether the command line must name one.
    """
    parser = script_parser(description)
    parser.add_argument('--config', required=required, help='config file')
    parser.add_argument('--checkpoint', required=required, help='checkpoint file or address')
    parser.add_argument('--labels', help="a file of class names, one a line; else the checkpoint's")
    parser.add_argument('--device', default='auto', help='auto (a GPU, if any), cpu, cuda:1, ...')
    _add_config_options(parser)
    return parser


def read_config(args: argparse.Namespace) -> Config:
    """Return the config that a command line names, with the options that it gives."""
    known = {name: getattr(args, name) for name in ('work_dir', 'launcher') if hasattr(args, name)}
    return load_config(args.config, options=args.cfg_options, **known)


def load_recognizer(args: argparse.Namespace) -> nn.Module:
    """Return the trained recogniser that a command line of :func:`recognizer_parser` names."""
    return init_recognizer(read_config(args), args.checkpoint, args.device, labels=args.labels)


def run(
    main: Callable[[argparse.Namespace], None],
    args: argparse.Namespace,
    *,
    interrupted: str = 'interrupted',
) -> None:
    """Run a script; of an error that a user can mend, one sentence is printed.

    Args:
        main: what the script does.
        args: what its parser, made by a function of this module, has read.
        interrupted: what to say on Ctrl-C.
    """
    with one_sentence_errors(show_traceback=args.traceback, interrupted=interrupted):
        main(args)


def _add_config_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--cfg-options', nargs='+', action=ConfigOptions, help='overrides: key=value ...'
    )
