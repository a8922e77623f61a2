"""What stands around a network: motion before it, modules within it, other inputs than RGB."""

from mmmotion.models.wrappers.frame_backbone import FrameBackbone
from mmmotion.models.wrappers.map_backbone import MapBackbone
from mmmotion.models.wrappers.motion_backbone import MotionBackbone
from mmmotion.models.wrappers.plugged_backbone import PluggedBackbone

__all__ = ['FrameBackbone', 'MapBackbone', 'MotionBackbone', 'PluggedBackbone']
