# PAN, p. 7, for PAN_Lite and the PA branch: SGD, lr 0.01 for a batch of 64, weight decay 1e-4,
# 80 epochs, /10 at 30 and 60. From the released code: momentum 0.9, gradients clipped at 20, and
# the rates of the first convolution (PA's) and of the classifier: weights x5, biases x10.
fast_weight = dict(lr_mult=5)
fast_bias = dict(lr_mult=10, decay_mult=0)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=1e-4),
    clip_grad=dict(max_norm=20, norm_type=2),
    paramwise_cfg=dict(
        norm_decay_mult=0,
        custom_keys={
            'motion.conv.weight': fast_weight,
            'motion.conv.bias': fast_bias,
            'fc_cls.weight': fast_weight,
            'fc_cls.bias': fast_bias,
        },
    ),
)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=80, by_epoch=True, milestones=[30, 60], gamma=0.1)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=80, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=64)
