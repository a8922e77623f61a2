"""Drawing of MotionShapes clips.

Why one frame says nothing about the class. The patch of a clip has four coordinates: x, y, angle
and log-size. Each lives on a cycle (leaving on one side is entering on the other; a full turn; the
largest size is followed by the smallest), and each starts uniformly distributed on its cycle. A
class moves exactly one of them, by a speed that is drawn independently of the start. A uniform
variable plus an independent one, taken modulo the cycle, is uniform again, so in every frame of
every class the four are independent and uniform, and textures, outline and noise do not know the
class at all. So the distribution of the t-th frame is the same for all classes and for all t, and
no rule that sees one frame can beat chance.

Why a set of frames without their order says at most the pair. The second class of a pair is the
first one drawn with the same distribution of random numbers and reversed in time. Reversal keeps
the set, so both classes of a pair give the same distribution over sets of frames.

The price of the size's cycle: a growing patch that reaches the largest size goes on from the
smallest, at most once in a clip of the default length.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mmmotion.datasets.motion_shapes.spec import CLASSES, SPLITS, MotionShapesSpec

__all__ = ['Scene', 'clip_rng', 'draw_clip', 'draw_scene', 'render_scene']

# Diameter of the patch's outline as a part of the frame's side. At most 1, or it meets itself.
SMALLEST, LARGEST = 0.33, 0.97
LOG_SIZE_CYCLE = math.log(LARGEST / SMALLEST)

# Lowest and highest speed of x, y, angle, log-size in cycles per frame: 3 to 6 pixels of 64, 12 to
# 28 degrees, 5 to 7 per cent. Slower turns and growth are learnt long after the translations.
# The first class of a pair has the given sign.
SPEEDS = np.array(
    [
        (3 / 64, 6 / 64),
        (3 / 64, 6 / 64),
        (12 / 360, 28 / 360),
        (0.05 / LOG_SIZE_CYCLE, 0.07 / LOG_SIZE_CYCLE),
    ]
)
SIGNS = (-1, -1, 1, 1)
DRIFT = (0.5 / 64, 1.5 / 64)

# Noise of a pixel: an int8 shifted right, -8..7 of 255, a standard deviation of 4.6.
NOISE_SHIFT = 4


@dataclass(frozen=True)
class Scene:
    """Everything random in a clip but its noise.

    Args:
        background: (S, S, 3), uint8, BGR; its right edge continues at the left one, and so below.
        patch: (P, P, 4), uint8, BGR times opacity, and opacity.
        start: (4,) x, y, angle, log-size of the first frame in cycles, 0..1; x and y from the left
            and upper edge.
        velocity: (4,) their change from frame to frame in cycles.
        drift: (2,) the background's change in x and y from frame to frame in cycles.
    """

    background: np.ndarray
    patch: np.ndarray
    start: np.ndarray
    velocity: np.ndarray
    drift: np.ndarray

    def states(self, num_frames: int) -> np.ndarray:
        """Return (num_frames, 4) x, y, angle and log-size over time in cycles, 0..1."""
        times = np.arange(num_frames)[:, None]
        return (self.start + times * self.velocity) % 1


def clip_rng(spec: MotionShapesSpec, split: str, index: int) -> np.random.Generator:
    """Return the random generator of one clip, which no other clip of any split shares."""
    key = (SPLITS.index(split), index)
    return np.random.default_rng(np.random.SeedSequence(spec.seed, spawn_key=key))


def draw_clip(spec: MotionShapesSpec, label: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the frames of one clip.

    Args:
        spec: parameters of the data set.
        label: position of the class in ``spec.classes``.
        rng: equal states give, for the two classes of a pair, each other's frames reversed.

    Returns:
        (T, S, S, 3), uint8, BGR: what a video encoder of OpenCV takes.
    """
    name = spec.classes[label]
    scene = draw_scene(spec, name, rng)
    clip = render_scene(scene, spec.num_frames, rng)
    place_in_pair = CLASSES.index(name) % 2
    if place_in_pair == 0:
        return clip
    return clip[::-1]


def draw_scene(spec: MotionShapesSpec, name: str, rng: np.random.Generator) -> Scene:
    """Draw the scene of class ``name`` as it stands before a reversal in time.

    The random numbers are the same whatever the class, the camera included.
    """
    background = _draw_background(spec.image_size, rng)
    patch = _draw_patch(spec.image_size, rng)
    start = rng.random(4)
    speed = rng.random()
    drift_angle = 2 * math.pi * rng.random()
    drift_speed = rng.uniform(*DRIFT)
    coordinate = CLASSES.index(name) // 2
    low, high = SPEEDS[coordinate]
    cycles = low + (high - low) * speed
    velocity = np.zeros(4)
    velocity[coordinate] = SIGNS[coordinate] * cycles
    drift = np.zeros(2)
    if spec.camera_motion:
        drift[0] = drift_speed * math.cos(drift_angle)
        drift[1] = drift_speed * math.sin(drift_angle)
    return Scene(background, patch, start, velocity, drift)


def render_scene(scene: Scene, num_frames: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``num_frames`` noisy frames of a scene, (T, S, S, 3), uint8."""
    side = len(scene.background)
    size = len(scene.patch)
    shape = (num_frames, side, side, 3)
    # Whole int8 are the fastest random numbers; their upper bits are as random.
    noise = rng.integers(-128, 128, shape, np.int8)
    noise >>= NOISE_SHIFT
    states = scene.states(num_frames)
    middles, matrices = _place_matrices(states, side, size)
    clip = np.empty(shape, np.uint8)
    for time in range(num_frames):
        drift = scene.drift * time
        background = _shift(scene.background, drift)
        patch = _place(scene.patch, middles[time], matrices[time], side)
        frame = _blend(background, patch)
        cv2.add(frame, noise[time], clip[time], dtype=cv2.CV_8U)
    return clip


def _blend(background: np.ndarray, patch: np.ndarray) -> np.ndarray:
    """Return the patch over the background, (S, S, 3); uint8, since this is the inner loop."""
    opacity = patch[..., 3]
    transparency = cv2.bitwise_not(opacity)  # (S, S)
    transparency = cv2.cvtColor(transparency, cv2.COLOR_GRAY2BGR)
    seen = cv2.multiply(background, transparency, scale=1 / 255)
    colours = cv2.cvtColor(patch, cv2.COLOR_BGRA2BGR)  # times opacity already
    return cv2.add(seen, colours)


def _place_matrices(states: np.ndarray, side: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where patches (size, size, 4) go in a frame (side, side, 3).

    Returns:
        (T, 2) whole pixels from the middle of the frame, and (T, 2, 3) similarities, each of which
        takes the patch to the middle of the frame, and farther by the remaining part of a pixel.
    """
    positions = states[:, :2]
    centres = (positions - 0.5) * side
    middles = np.floor(centres)
    angles = 2 * math.pi * states[:, 2]
    log_growth = LOG_SIZE_CYCLE * states[:, 3]
    scales = side * SMALLEST * np.exp(log_growth) / size
    matrices = np.empty((len(states), 2, 3))
    # A similarity [a, -b; b, a]. Rows point down, so a positive angle turns clockwise.
    a = scales * np.cos(angles)
    b = scales * np.sin(angles)
    matrices[:, 0, 0] = a
    matrices[:, 0, 1] = -b
    matrices[:, 1, 0] = b
    matrices[:, 1, 1] = a
    # Where the matrix without a translation takes the middle of the patch: (T, 2).
    row_sums = matrices[:, :, :2].sum(axis=2)
    middle_of_patch = row_sums * (size - 1) / 2
    middle_of_frame = (side - 1) / 2
    matrices[:, :, 2] = middle_of_frame + centres - middles - middle_of_patch
    return middles.astype(int), matrices


def _place(patch: np.ndarray, middle: np.ndarray, matrix: np.ndarray, side: int) -> np.ndarray:
    """Return the patch on a transparent frame that wraps round, (S, S, 4)."""
    frame = cv2.warpAffine(patch, matrix, (side, side), flags=cv2.INTER_LINEAR)
    # Drawn about the middle, where it is whole, then rolled: so it wraps round without copies.
    right, down = middle
    return np.roll(frame, (down, right), axis=(0, 1))


def _shift(image: np.ndarray, cycles: np.ndarray) -> np.ndarray:
    """Return an image that wraps round, moved by a part of its size in x and y."""
    if not cycles.any():
        return image
    side = len(image)
    matrix = np.eye(2, 3)
    matrix[:, 2] = cycles % 1 * side
    flags = cv2.INTER_LINEAR
    return cv2.warpAffine(image, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_WRAP)


def _draw_background(side: int, rng: np.random.Generator) -> np.ndarray:
    """Return (S, S, 3): a soft texture that wraps round, of a quarter of the patch's contrast."""
    cells = 6
    grid = rng.random((cells, cells, 3), dtype=np.float32)
    scale = side / cells
    matrix = scale * np.eye(2, 3)
    matrix[:, 2] = scale / 2
    flags = cv2.INTER_CUBIC
    texture = cv2.warpAffine(grid, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_WRAP)
    return _to_uint8(96 + 64 * texture)


def _draw_patch(side: int, rng: np.random.Generator) -> np.ndarray:
    """Return (P, P, 4), about as large as the patch is in the frame, so nothing aliases."""
    size = side // 2
    grid = rng.integers(0, 2, (3, 3, 3))
    corners = grid.astype(np.float32)
    texture = cv2.resize(corners, (size, size), interpolation=cv2.INTER_CUBIC)
    colours = texture.clip(0, 1)  # the interpolation overshoots
    opacity = _draw_outline(size, rng)
    patch = np.ones((size, size, 4), np.float32)
    patch[..., :3] = colours
    premultiplied = 255 * opacity[..., None] * patch
    return _to_uint8(premultiplied)


def _draw_outline(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return (P, P) the opacity of a blob of two and three lobes, which no turn maps to itself."""
    phases = 2 * math.pi * rng.random(2)
    centres = np.arange(size) + 0.5  # of pixels
    x = centres / size * 2 - 1  # -1..1, a row
    y = x[:, None]  # a column
    angle = np.arctan2(y, x)  # (P, P)
    two_lobes = np.cos(2 * angle + phases[0])
    three_lobes = np.cos(3 * angle + phases[1])
    radius = 0.58 + 0.32 * two_lobes + 0.1 * three_lobes
    edge = 4 / size  # two pixels of the patch: soft enough to move by parts of a pixel
    inside = radius - np.hypot(x, y)
    opacity = inside / edge + 0.5
    opacity = opacity.clip(0, 1)
    return opacity.astype(np.float32)


def _to_uint8(image: np.ndarray) -> np.ndarray:
    image = np.rint(image)
    image = image.clip(0, 255)
    return image.astype(np.uint8)
