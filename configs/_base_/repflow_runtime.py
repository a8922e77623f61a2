# A running average of the weights is what is tested (Representation Flow, Section 4). How slow it
# is, the paper does not say: MMEngine's 0.0002 of each step.
_base_ = './default_runtime.py'
custom_hooks = [*_base_.custom_hooks, dict(type='EMAHook', momentum=0.0002, update_buffers=True)]
