"""What the command lines of all demos share."""

import argparse

from torch import nn

from mmmotion.apis.inference import init_recognizer
from mmmotion.apis.runner import ConfigOptions, load_config

__all__ = ['add_model_arguments', 'load_recognizer']


def add_model_arguments(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Let a command line name a recogniser.

    Args:
        parser: of the command line.
        required: whether it must name one.
    """
    parser.add_argument('--config', required=required, help='config file')
    parser.add_argument('--checkpoint', required=required, help='checkpoint file or address')
    parser.add_argument('--labels', help="a file of class names, one a line; else the checkpoint's")
    parser.add_argument('--device', default='auto', help='auto (a GPU, if any), cpu, cuda:1, ...')
    parser.add_argument(
        '--cfg-options', nargs='+', action=ConfigOptions, help='overrides: key=value ...'
    )
    parser.add_argument('--traceback', action='store_true', help='show where an error was raised')


def load_recognizer(args: argparse.Namespace) -> nn.Module:
    """Return the recogniser that a command line names."""
    cfg = load_config(args.config, options=args.cfg_options)
    return init_recognizer(cfg, args.checkpoint, args.device, labels=args.labels)
