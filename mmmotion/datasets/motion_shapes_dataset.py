"""MotionShapes as a data set of MMAction2, made on first use."""

from typing import Any

from mmengine.dist import broadcast_object_list, is_main_process

from mmmotion.checks import check_choice
from mmmotion.datasets.motion_shapes import (
    SPLITS,
    MotionShapesSpec,
    make_motion_shapes,
    print_progress,
)
from mmmotion.datasets.video_dataset import RobustVideoDataset
from mmmotion.registry import DATASETS

__all__ = ['MotionShapesDataset']


@DATASETS.register_module()
class MotionShapesDataset(RobustVideoDataset):
    """One split of MotionShapes.

    The whole data set is made at ``data_root`` when it is first loaded, by the main process while
    the others wait; data that is there is used, if it was made with the same parameters.

    Args:
        pipeline: transforms, as for any data set.
        data_root: directory of the data set.
        split: ``train``, ``val`` or ``test``.
        spec: arguments of :class:`~mmmotion.datasets.motion_shapes.MotionShapesSpec` that differ
            from its defaults.
        kwargs: further arguments of :class:`RobustVideoDataset`, such as ``test_mode``.

    Raises:
        ValueError: there is no such split, or ``spec`` is wrong.
    """

    def __init__(
        self,
        pipeline: list,
        data_root: str = 'data/motion_shapes',
        split: str = 'train',
        spec: dict | None = None,
        **kwargs: Any,
    ) -> None:
        check_choice('split', split, SPLITS)
        self.spec = MotionShapesSpec(**(spec or {}))
        own = dict(ann_file=f'{split}.txt', num_classes=len(self.spec.classes))
        own['metainfo'] = dict(classes=self.spec.classes)
        super().__init__(pipeline=pipeline, data_root=data_root, **{**own, **kwargs})

    def load_data_list(self) -> list[dict]:
        """Make the data where it is missing, then read the split's list.

        Raises:
            OSError: it could not be written.
            ValueError: there is something else at ``data_root``.
        """
        outcome = [self._make() if is_main_process() else None]
        broadcast_object_list(outcome)  # the others wait here, and fail with the main process
        if outcome[0] is not None:
            raise outcome[0]
        return super().load_data_list()

    def _make(self) -> Exception | None:
        try:
            make_motion_shapes(self.data_root, self.spec, report=print_progress)
        except (OSError, ValueError) as error:
            return error
        return None
