"""The text config of this name."""

globals().update(__import__('mmmotion.configs').configs.read('pan/pan_lite_r50_sthv2.py'))
