# Differences of the frames themselves (Table 4), warped by the displacement map or, with
# model.branches.change.sees.warped_by=None, not warped.
_base_ = './dcd_change_bninception_ucf101.py'

bn_inception = dict(_base_.bn_inception, partial_bn=True)
model = dict(
    branches=dict(
        change=dict(
            backbone=dict(
                _delete_=True,
                type='mmmotion.MapBackbone',
                backbone=bn_inception,
                in_channels=3 * 7,
            ),
            sees=dict(of='rgb'),
        )
    )
)
