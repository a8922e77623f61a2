"""What a MotionShapes data set consists of: its classes, and its parameters."""

import json
from dataclasses import asdict, dataclass

from mmmotion.checks import check_integer

__all__ = ['CLASSES', 'SPLITS', 'MotionShapesSpec']

# Four time-reversal pairs; the second of a pair is the first one played backwards.
CLASSES = (
    'moving_left', 'moving_right',
    'moving_up', 'moving_down',
    'clockwise', 'counter_clockwise',
    'growing', 'shrinking',
)  # fmt: skip
SPLITS = ('train', 'val', 'test')

# Raised whenever the same parameters give other pixels, so that old data is not taken for new.
GENERATOR = 1
SMALLEST_IMAGE = 32
# decord 0.6 returns four channels where its padded rows happen to be of 4 bytes a pixel.
MISREAD_BY_DECORD = (48, 72)


@dataclass(frozen=True)
class MotionShapesSpec:
    """Parameters of a data set; equal parameters give equal pixels.

    Args:
        image_size: side of the square frames in pixels, even, at least 32, neither 48 nor 72.
        num_frames: frames per clip, at least 2.
        num_train: clips of the training split; so ``num_val`` and ``num_test``. A split takes the
            classes in turn, so it is balanced exactly when this is a multiple of their number.
        classes: names out of :data:`CLASSES`; a clip's label is its class's position here.
        camera_motion: whether the background drifts, in a random direction: the harder level.
        seed: of everything random, not negative.
    """

    image_size: int = 44
    num_frames: int = 16
    num_train: int = 2400
    num_val: int = 400
    num_test: int = 800
    classes: tuple[str, ...] = CLASSES
    camera_motion: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        # Lists come from JSON and from configs; a tuple compares equal to a tuple only.
        object.__setattr__(self, 'classes', tuple(self.classes))
        self._check_numbers()
        self._check_classes()

    def num_clips(self, split: str) -> int:
        """Return the clips of ``split``, one of :data:`SPLITS`."""
        return getattr(self, f'num_{split}')

    def to_json(self) -> str:
        """Return the parameters, and the version of the generator, as a JSON document."""
        return json.dumps(dict(generator=GENERATOR, **asdict(self)), indent=2) + '\n'

    def difference(self, document: str) -> str | None:
        """Return in which parameters a document of :meth:`to_json` differs, or None.

        Raises:
            ValueError: ``document`` is not such a document.
        """
        try:
            there = json.loads(document)
        except ValueError:
            there = None
        if not isinstance(there, dict):
            raise ValueError(f'expected a JSON object of parameters, got {document[:40]!r}')
        differences = []
        for name, wanted in json.loads(self.to_json()).items():
            if there.get(name) != wanted:
                differences.append(f'{name}={there.get(name)!r} (asked for: {wanted!r})')
        return ', '.join(differences) or None

    def _check_numbers(self) -> None:
        check_integer('image_size', self.image_size, least=SMALLEST_IMAGE)
        check_integer('num_frames', self.num_frames, least=2)
        check_integer('seed', self.seed, least=0)
        for split in SPLITS:
            check_integer(f'num_{split}', self.num_clips(split), least=0)
        if self.image_size % 2:  # video encoders subsample the colours by two
            raise ValueError(f'image_size: expected an even number, got {self.image_size}')
        if self.image_size in MISREAD_BY_DECORD:
            raise ValueError(f'image_size: expected one that decord reads, got {self.image_size}')

    def _check_classes(self) -> None:
        unknown = [name for name in self.classes if name not in CLASSES]
        if unknown or not self.classes or len(set(self.classes)) < len(self.classes):
            raise ValueError(
                f'classes: expected different names out of {", ".join(CLASSES)}, '
                f'got {", ".join(map(str, self.classes)) or "none"}'
            )
