import numpy as np
import pytest
import torch
from matplotlib.image import imread

from mmmotion.ops import TimescalePool
from mmmotion.visualization import draw_timescale_weights
from mmmotion.visualization.timescale_weights import name_vectors


@pytest.mark.parametrize(('segments', 'timescales'), [(8, (1, 2, 4)), (6, (1, 3))])
def test_names_are_the_segments_a_vector_is_made_of(segments, timescales):
    """Change one segment at a time and see which vectors notice."""
    pool = TimescalePool(timescales)
    quiet = pool(torch.zeros(1, segments, 1))
    for index, (_, name) in enumerate(name_vectors(segments, timescales)):
        noticed = []
        for segment in range(segments):
            x = torch.zeros(1, segments, 1)
            x[0, segment] = 1
            if (pool(x) != quiet)[0, index]:
                noticed.append(str(segment + 1))
        assert name == ' '.join(noticed)


def test_picture(tmp_path):
    frames = np.full((4, 20, 30, 3), 200, np.uint8)
    path = tmp_path / 'deep/weights.png'
    draw_timescale_weights(frames, np.array([0.5, 0.3, 0.2]), (1, 2), path=path, title='a title')
    picture = imread(path)
    assert picture.shape[0] > 100
    assert picture.shape[1] > 300
    reds = (picture[..., 0] > 0.7) & (picture[..., 1] < 0.3)  # the bar of k = 1
    oranges = (picture[..., 0] > 0.9) & (abs(picture[..., 1] - 0.5) < 0.1) & (picture[..., 2] < 0.2)
    assert reds.sum() / oranges.sum() == pytest.approx(0.5 / 0.5, rel=0.1)
    assert [file.name for file in path.parent.iterdir()] == ['weights.png']


def test_other_number_of_weights(tmp_path):
    with pytest.raises(ValueError, match=r'weights: expected 3 for \(1, 2\), got 7'):
        draw_timescale_weights(
            np.zeros((4, 8, 8, 3), np.uint8), np.ones(7), (1, 2), path=tmp_path / 'w.png', title=''
        )
