"""What all command lines share."""

from pathlib import Path

import pytest

from mmmotion.apis import config_parser, read_config, recognizer_parser, run, runner_parser

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / 'configs/pan/pan_lite_r18_motionshapes.py')


def test_config_with_options():
    args = config_parser('Do something.\n\nMore.').parse_args([CONFIG, '--cfg-options', 'a=1'])
    cfg = read_config(args)
    assert cfg.a == 1
    assert cfg.launcher == 'none'
    assert cfg.work_dir == './work_dirs/pan_lite_r18_motionshapes'


def test_config_of_a_runner():
    words = [CONFIG, '--work-dir', 'here', '--launcher', 'pytorch', '--local_rank', '1']
    cfg = read_config(runner_parser('Train.').parse_args(words))
    assert (cfg.work_dir, cfg.launcher) == ('here', 'pytorch')


def test_option_without_value(capsys):
    with pytest.raises(SystemExit, match='2'):
        config_parser('Do.').parse_args([CONFIG, '--cfg-options', 'a'])
    assert 'argument --cfg-options: expected key=value, got a' in capsys.readouterr().err


def test_recognizer_is_required(capsys):
    parser = recognizer_parser('Show.', required=False)
    assert parser.parse_args([]).config is None
    with pytest.raises(SystemExit, match='2'):
        recognizer_parser('Show.').parse_args([])
    assert '--config, --checkpoint' in capsys.readouterr().err


def test_run(capsys):
    def fail(args):
        raise ValueError(f'config: expected another one, got {args.config}')

    args = config_parser('Do.').parse_args(['a.py'])
    with pytest.raises(SystemExit, match='2'):
        run(fail, args)
    said = capsys.readouterr().err
    assert said == 'error: config: expected another one, got a.py (--traceback shows where)\n'
