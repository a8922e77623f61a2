"""Registered models: wiring of :mod:`mmmotion.ops`, no arithmetic of their own."""

from mmmotion.models.backbones import (
    S3D,
    BNInception,
    ConvStem,
    ECOLite,
    InceptionI3d,
    R2Plus1d,
    ResNet3dPool,
)
from mmmotion.models.blocks import PoolPairs, RepFlowBlock
from mmmotion.models.data_preprocessors import ResidualDataPreprocessor
from mmmotion.models.fast_inference import prepare_inference, use_channels_last
from mmmotion.models.heads import OFFHead, VAPHead
from mmmotion.models.necks import OFFSubnetwork
from mmmotion.models.recognizers import BranchRecognizer, OFFRecognizer
from mmmotion.models.views import (
    ApparentMotion,
    AppearanceChange,
    DynamicsStem,
    PickFrame,
    ShrinkFrames,
    StaticAppearance,
    StrideFrames,
)
from mmmotion.models.wrappers import (
    FrameBackbone,
    MapBackbone,
    MotionBackbone,
    PluggedBackbone,
)
from mmmotion.ops import (
    DisplacementMap,
    Off,
    PersistenceOfAppearance,
    RepresentationFlow,
    ResidualFrames,
)
from mmmotion.registry import MODELS

__all__ = [
    'S3D',
    'ApparentMotion',
    'AppearanceChange',
    'BNInception',
    'BranchRecognizer',
    'ConvStem',
    'DynamicsStem',
    'ECOLite',
    'FrameBackbone',
    'InceptionI3d',
    'MapBackbone',
    'MotionBackbone',
    'OFFHead',
    'OFFRecognizer',
    'OFFSubnetwork',
    'PickFrame',
    'PluggedBackbone',
    'PoolPairs',
    'R2Plus1d',
    'RepFlowBlock',
    'ResNet3dPool',
    'ResidualDataPreprocessor',
    'ShrinkFrames',
    'StaticAppearance',
    'StrideFrames',
    'VAPHead',
    'prepare_inference',
    'use_channels_last',
]

# The operators know nothing of MMEngine: they are registered here, to be the ``motion`` of a
# ``MotionBackbone`` by name.
for motion in (
    DisplacementMap,
    Off,
    PersistenceOfAppearance,
    RepresentationFlow,
    ResidualFrames,
):
    MODELS.register_module(module=motion)
