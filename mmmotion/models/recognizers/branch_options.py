"""What the config of a branch says beside the config of its recogniser."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

__all__ = ['BranchOptions', 'check_weights', 'refuse_moved', 'take_options']

WEIGHTS = ('loss_weight', 'score_weight')
# Before, each was a dict by branch beside ``branches``; now it is a key of the branch.
MOVED = dict(
    views='sees',
    loss_weights='loss_weight',
    score_weights='score_weight',
    checkpoints='load_from',
    on_stem='on_stem',
)


@dataclass(frozen=True)
class BranchOptions:
    """What a ``BranchRecognizer`` does with one of its branches.

    Attributes:
        sees: config of a module that turns the clips into what the branch sees; None leaves them
            as they are.
        on_stem: whether the branch sees what the stem gives, or the clips.
        loss_weight: the factor of its losses, at least 0.
        score_weight: the weight of its scores in the fused score, at least 0.
        load_from: the checkpoint of a recogniser that it starts from: of itself trained alone, or
            of its network on RGB, fitted to its input as it is loaded.
    """

    sees: dict | None = None
    on_stem: bool = True
    loss_weight: float = 1.0
    score_weight: float = 1.0
    load_from: str | None = None


def take_options(branch: dict, name: str) -> tuple[dict, BranchOptions]:
    """Part the config of a branch into that of its recogniser and its options.

    Raises:
        ValueError: a weight is below 0.
    """
    recognizer = dict(branch)
    given = {}
    for field in fields(BranchOptions):
        if field.name in recognizer:
            given[field.name] = recognizer.pop(field.name)
    options = BranchOptions(**given)
    for key in WEIGHTS:
        weight = getattr(options, key)
        if weight < 0:
            raise ValueError(f'branches.{name}.{key}: expected at least 0, got {weight}')
    return recognizer, options


def check_weights(options: Collection[BranchOptions]) -> None:
    """Refuse weights that leave nothing to train or to test.

    Raises:
        ValueError: one of the weights is 0 for all branches.
    """
    for key in WEIGHTS:
        weights = [getattr(of_branch, key) for of_branch in options]
        if not any(weights):
            raise ValueError(f'{key}: expected one above 0, got 0 for all branches')


def refuse_moved(arguments: Iterable[str]) -> None:
    """Name the new place of an argument that older configs have.

    Raises:
        TypeError: there never was such an argument.
        ValueError: there was.
    """
    for argument in arguments:
        if argument not in MOVED:
            raise TypeError(f'BranchRecognizer got an unexpected keyword argument {argument!r}')
        raise ValueError(
            f'{argument}: expected branches.NAME.{MOVED[argument]} for each branch, '
            f'got {argument} beside the branches'
        )
