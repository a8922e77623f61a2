# The same without TSN: one snippet of 8 frames from anywhere in the video.
_base_ = './dcd_ucf101.py'
snippet = dict(_base_.snippets, num_clips=1)
train_pipeline = [_base_.train_pipeline[0], snippet, *_base_.train_pipeline[2:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
