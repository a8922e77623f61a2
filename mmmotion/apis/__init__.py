"""What the command line tools and a notebook share: configs, runners, inference."""

from mmmotion.apis.blank_sample import blank_sample
from mmmotion.apis.command_line import (
    config_parser,
    load_recognizer,
    read_config,
    recognizer_parser,
    run,
    runner_parser,
    script_parser,
)
from mmmotion.apis.errors import one_sentence_errors
from mmmotion.apis.inference import (
    classify,
    find_class,
    init_recognizer,
    pick_device,
    prepare_video,
    read_labels,
    top_k,
)
from mmmotion.apis.runner import build_runner, load_config
from mmmotion.apis.samples import find_test_pipeline
from mmmotion.models.recognizers.selection import pick_branch, pick_recognizer, score_views

__all__ = [
    'blank_sample',
    'build_runner',
    'classify',
    'config_parser',
    'find_class',
    'find_test_pipeline',
    'init_recognizer',
    'load_config',
    'load_recognizer',
    'one_sentence_errors',
    'pick_branch',
    'pick_device',
    'pick_recognizer',
    'prepare_video',
    'read_config',
    'read_labels',
    'recognizer_parser',
    'run',
    'runner_parser',
    'score_views',
    'script_parser',
    'top_k',
]
