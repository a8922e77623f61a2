# Representation flow in a 3D ResNet-18, inflated from ImageNet weights (Section 4, Table 6).
_base_ = './repflow_r34.py'
model = dict(
    backbone=dict(
        backbone=dict(
            _delete_=True,
            type='ResNet3d',
            depth=18,
            pretrained='torchvision://resnet18',
            pretrained2d=True,
            conv1_kernel=(3, 7, 7),
            norm_eval=False,
        )
    )
)
