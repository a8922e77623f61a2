"""The text config of this name."""

globals().update(
    __import__('mmmotion.configs').configs.read('residual/residual_pool_r3d18_ucf101.py')
)
