"""Several random crops of a video, whose scores are averaged in testing.

Representation Flow for Action Recognition, appendix A: 25 random croppings of each video.
"""

import numpy as np
from mmcv.transforms import BaseTransform

from mmmotion.registry import TRANSFORMS

__all__ = ['RandomCrops']


@TRANSFORMS.register_module()
class RandomCrops(BaseTransform):
    """Crop all frames at ``num_crops`` random places, one after the other.

    Required keys: ``imgs``. Modified keys: ``imgs``, ``img_shape``.

    ``FormatShape`` then gives (num_crops * N, ...), whose scores a head averages.

    Args:
        num_crops: places, at least 1.
        crop_size: side of the square.

    Raises:
        ValueError: a number is less than 1.
    """

    def __init__(self, num_crops: int = 25, crop_size: int = 224) -> None:
        if num_crops < 1 or crop_size < 1:
            raise ValueError(
                f'num_crops, crop_size: expected at least 1, got {num_crops}, {crop_size}'
            )
        self.num_crops = num_crops
        self.crop_size = crop_size

    def transform(self, results: dict) -> dict:
        """Crop.

        Raises:
            ValueError: the frames are smaller than the crop.
        """
        frames = results['imgs']
        size = self.crop_size
        height, width = frames[0].shape[:2]
        if min(height, width) < size:
            raise ValueError(f'crop_size: expected at most {(height, width)}, got {size}')
        tops = np.random.randint(height - size + 1, size=self.num_crops)
        lefts = np.random.randint(width - size + 1, size=self.num_crops)
        crops = []
        for top, left in zip(tops, lefts, strict=True):
            rows = slice(top, top + size)
            columns = slice(left, left + size)
            for frame in frames:
                crops.append(frame[rows, columns])
        results['imgs'] = crops
        results['img_shape'] = (size, size)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(num_crops={self.num_crops}, crop_size={self.crop_size})'
