# PAN, supplement I, for the comparisons on UCF101: lr 0.001 for a batch of 16, 80 epochs, /10 after
# every 30.
_base_ = './pan_80e.py'
optim_wrapper = dict(optimizer=dict(lr=0.001))
auto_scale_lr = dict(base_batch_size=16)
