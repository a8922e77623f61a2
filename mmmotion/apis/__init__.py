"""What the command line tools and a notebook share: configs, runners, inference."""

from .errors import one_sentence_errors
from .fast_inference import prepare_inference, use_channels_last
from .inference import classify, init_recognizer, top_k
from .runner import build_runner, load_config

__all__ = [
    'build_runner',
    'classify',
    'init_recognizer',
    'load_config',
    'one_sentence_errors',
    'prepare_inference',
    'top_k',
    'use_channels_last',
]
