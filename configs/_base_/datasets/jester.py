# Jester: frames in folders, sampled and cropped as for Something-Something V1; no flip either,
# since a hand that swipes left would swipe right.
_base_ = './sthv1.py'
data_root = 'data/jester/rawframes'
num_classes = 27

dataset = dict(data_prefix=dict(img=data_root), num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(dataset, ann_file='data/jester/jester_train_list_rawframes.txt')
)
val_dataloader = dict(dataset=dict(dataset, ann_file='data/jester/jester_val_list_rawframes.txt'))
test_dataloader = val_dataloader
