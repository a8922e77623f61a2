# A running average of the weights is what is tested (Representation Flow, Section 4). How slow it
# is, the paper does not say: over the last twentieth of the steps so far, and 5000 at most, so that
# the first weights are forgotten in a short training too.
_base_ = './default_runtime.py'
custom_hooks = [
    *_base_.custom_hooks,
    dict(
        type='EMAHook',
        ema_type='MomentumAnnealingEMA',
        gamma=20,
        momentum=0.0002,
        update_buffers=True,
    ),
]
