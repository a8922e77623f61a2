# RGB + OFF(RGB) + RGB difference + OFF(RGB difference), Table 1: each with its OFF sub-network, of
# stacks of 6 frames of which RGB sees the first. Scores are summed, which averaging logits does.
_base_ = './off_diff_bninception.py'
branch = dict(_base_.model)
preprocessor = branch.pop('data_preprocessor')
model = dict(
    _delete_=True,
    type='mmmotion.BranchRecognizer',
    branches=dict(
        rgb=dict(
            branch,
            backbone=dict(type='mmmotion.BNInception'),
            features=_base_.features,
            sees=dict(type='mmmotion.PickFrame', index=0),
        ),
        diff=branch,
    ),
    average_clips='score',
    data_preprocessor=preprocessor,
)
