"""The public ImageNet weights of BN-Inception, turned into those of ours."""

from mmmotion.models import BNInception
from mmmotion.models.backbones.bn_inception import CLASSIFIERS, own_key

__all__ = ['place', 'split_classifier']


def split_classifier(weights: dict) -> tuple[dict, list[str]]:
    """Return the weights of the network, and the keys of its classifier."""
    network, classifier = {}, []
    for key, value in weights.items():
        key = key.removeprefix('base_model.')
        if key.split('.')[0] in CLASSIFIERS:
            classifier.append(key)
        else:
            network[key] = value
    return network, classifier


def place(weights: dict) -> dict:
    """Return the state dict of a BN-Inception that was given ``weights``."""
    model = BNInception()
    places = model.state_dict()
    for key in weights:
        if own_key(key) not in places:
            raise ValueError(f'checkpoint: expected weights of a BN-Inception, got {key}')
    present = {own_key(key) for key in weights}
    missing = [key for key in places if key not in present and 'num_batches' not in key]
    if missing:
        raise ValueError(
            f'checkpoint: expected weights of a BN-Inception, got none for {missing[0]}'
        )
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:  # torch's: a header, then a line for every key
        raise ValueError(f'checkpoint: {str(error).splitlines()[1].strip()}') from error
    return model.state_dict()
