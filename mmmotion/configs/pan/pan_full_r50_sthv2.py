"""The text config of this name."""

globals().update(__import__('mmmotion.configs').configs.read('pan/pan_full_r50_sthv2.py'))
