"""What the command line tools and a notebook share: configs, runners, inference."""

from .blank_sample import blank_sample
from .branches import pick_recognizer, score_views
from .errors import one_sentence_errors
from .inference import classify, find_class, init_recognizer, prepare_video, top_k
from .runner import build_runner, load_config

__all__ = [
    'blank_sample',
    'build_runner',
    'classify',
    'find_class',
    'init_recognizer',
    'load_config',
    'one_sentence_errors',
    'pick_recognizer',
    'prepare_video',
    'score_views',
    'top_k',
]
