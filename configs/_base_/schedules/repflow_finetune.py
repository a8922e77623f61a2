# Representation Flow, Appendix A, HMDB51 from Kinetics weights: lr 0.005, 50 epochs, /10 every 20.
_base_ = './repflow_200e.py'
optim_wrapper = dict(optimizer=dict(lr=0.005))
param_scheduler = [dict(type='MultiStepLR', end=50, by_epoch=True, milestones=[20, 40], gamma=0.1)]
train_cfg = dict(max_epochs=50)
