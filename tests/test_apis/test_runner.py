"""What a config gets wrong silently is refused before anything is built."""

import pytest
from mmengine.config import Config

from mmmotion.apis import build_runner


@pytest.mark.parametrize('loader', ['train_dataloader', 'val_dataloader', 'test_dataloader'])
@pytest.mark.parametrize('format_shape', [dict(), dict(format_shape='NCHW')])
def test_mean_along_time(loader, format_shape):
    """Of stacks of 3 frames the mean of R would be taken from the first frame, and so on."""
    pipeline = [dict(type='FormatShape', input_format='NCTHW')]
    dataset = dict(type='RepeatDataset', dataset=dict(type='VideoDataset', pipeline=pipeline))
    preprocessor = dict(type='ActionDataPreprocessor', mean=[1, 2, 3], std=[1, 1, 1])
    cfg = Config(
        {
            loader: dict(dataset=dataset),
            'model': dict(data_preprocessor=dict(preprocessor, **format_shape)),
        }
    )
    match = f"data_preprocessor.format_shape: expected 'NCTHW', as FormatShape of {loader} gives"
    with pytest.raises(ValueError, match=match):
        build_runner(cfg)
