"""The text config of this name."""

globals().update(
    __import__('mmmotion.configs').configs.read('repflow/repflow_flow_r50_kinetics400.py')
)
