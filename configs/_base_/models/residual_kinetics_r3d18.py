# Motion path from public Kinetics weights, converted by tools/convert/resnet3d_pytorch.py: they are
# of a network with strides and ReLU.
_base_ = './residual_r3d18.py'
model = dict(
    backbone=dict(
        downsample='stride',
        act='relu',
        init_cfg=dict(
            type='Pretrained',
            checkpoint='checkpoints/resnet3d18_kinetics.pth',
            prefix='backbone.',  # the file holds a whole recogniser
        ),
    )
)
