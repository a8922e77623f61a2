"""The text config of this name."""

globals().update(__import__('mmmotion.configs').configs.read('off/off_rgb_bninception_ucf101.py'))
