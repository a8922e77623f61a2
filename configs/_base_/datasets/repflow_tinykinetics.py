# Tiny-Kinetics: 150 classes of Kinetics400 (docs/data.md says which, and how to take others); 16
# adjacent frames of 112 x 112, no crops in testing, as in the paper's ablations.
_base_ = './kinetics400_clips.py'
num_classes = 150
clip = dict(_base_.clip, clip_len=16)
train_pipeline = [_base_.train_pipeline[0], clip, *_base_.train_pipeline[2:]]
test_pipeline = [
    _base_.test_pipeline[0],
    dict(clip, test_mode=True),
    *_base_.test_pipeline[2:],
]
lists = 'data/kinetics400/tinykinetics'
dataset = dict(num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(**dataset, ann_file=f'{lists}_train_list.txt', pipeline=train_pipeline)
)
val_dataloader = dict(
    dataset=dict(**dataset, ann_file=f'{lists}_val_list.txt', pipeline=test_pipeline)
)
test_dataloader = val_dataloader
