# OFF of early levels of a ResNet-18, both from scratch: nothing is downloaded. Narrower and
# shallower than the released sub-network, with little dropout: there are few iterations.
_base_ = './off_r50.py'
model = dict(
    backbone=dict(depth=18),
    features=['conv1', 'layer1', 'layer2'],
    frozen=False,
    neck=dict(
        levels=[
            dict(width=32, kernel_size=5, num_blocks=1),
            dict(width=64, kernel_size=3, num_blocks=1),
            dict(width=128, kernel_size=3, num_blocks=1),
        ],
        unit=dict(temporal_channels=32, spatial_channels=16, dropout=0),
    ),
    cls_head=dict(dropout_ratio=0.2, init_std=0.01),
)
