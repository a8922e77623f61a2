"""Checkpoints: read and written as a whole, of the right network, arrived, and fair to test."""

from mmmotion.checkpoints.arrival import (
    check_arrival,
    check_sources,
    find_arrived,
    pretrained_networks,
    stages_before,
)
from mmmotion.checkpoints.files import (
    check_checkpoint,
    find_weights,
    read_checkpoint,
    write_checkpoint,
)
from mmmotion.checkpoints.fit import check_state_dict, load_weights
from mmmotion.checkpoints.training_lists import check_unseen

__all__ = [
    'check_arrival',
    'check_checkpoint',
    'check_sources',
    'check_state_dict',
    'check_unseen',
    'find_arrived',
    'find_weights',
    'load_weights',
    'pretrained_networks',
    'read_checkpoint',
    'stages_before',
    'write_checkpoint',
]
