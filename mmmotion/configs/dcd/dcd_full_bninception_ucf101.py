"""The text config of this name."""

globals().update(__import__('mmmotion.configs').configs.read('dcd/dcd_full_bninception_ucf101.py'))
