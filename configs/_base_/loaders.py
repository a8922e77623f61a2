# How the data bases load and score. MotionShapes, which is small, has loaders of its own.
loader = dict(batch_size=8, num_workers=8, persistent_workers=True)
train_dataloader = dict(**loader, sampler=dict(type='DefaultSampler', shuffle=True))
val_dataloader = dict(**loader, sampler=dict(type='DefaultSampler', shuffle=False))
test_dataloader = val_dataloader
val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
# The metric that comes first chooses the best checkpoint.
mean_class_first = dict(metric_list=('mean_class_accuracy', 'top_k_accuracy'))
