"""The text config of this name."""

globals().update(
    __import__('mmmotion.configs').configs.read('repflow/repflow_fcf_r2plus1d50_kinetics400.py')
)
