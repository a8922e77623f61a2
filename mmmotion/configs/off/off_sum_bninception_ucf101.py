"""The text config of this name."""

globals().update(__import__('mmmotion.configs').configs.read('off/off_sum_bninception_ucf101.py'))
