"""Colours of a flow."""

import numpy as np
import pytest

from mmmotion.visualization import flow_to_rgb, flow_wheel


def test_convention():
    """Right is red, left is cyan, and y points down; nothing is white."""
    flow = np.zeros((2, 1, 5))
    flow[:, 0, 1:] = [[2, -2, 0, 0], [0, 0, 2, -2]]
    still, right, left, down, up = flow_to_rgb(flow, max_length=2)[0].tolist()
    assert still == [255, 255, 255]
    assert right == [255, 0, 0]
    assert left == [0, 255, 255]
    assert down == [128, 255, 0]
    assert up == [128, 0, 255]


def test_length():
    """Half the length has half the saturation; more than the greatest has no more."""
    flow = np.zeros((2, 1, 2))
    flow[0] = [[1.0, 9.0]]
    assert flow_to_rgb(flow, max_length=2)[0].tolist() == [[255, 128, 128], [255, 0, 0]]
    flow = np.zeros((2, 10, 100))
    flow[0] = 3.0
    flow[0, 0, 0] = 1e6  # one wild pixel does not bleach the others
    assert (flow_to_rgb(flow) == [255, 0, 0]).all()


def test_static_and_not_finite():
    assert (flow_to_rgb(np.zeros((2, 4, 6))) == 255).all()
    flow = np.ones((2, 2, 2))
    flow[1, 0, 1] = np.nan
    assert flow_to_rgb(flow)[0, 1].tolist() == [0, 0, 0]


def test_wheel():
    wheel = flow_wheel(33)
    assert wheel.shape == (33, 33, 3)
    assert wheel[16, 32].tolist() == [255, 0, 0]
    assert wheel[0, 0].tolist() == wheel[16, 16].tolist() == [255, 255, 255]


@pytest.mark.parametrize('shape', [(2, 4), (3, 4, 4), (4, 4, 2)])
def test_shape(shape):
    with pytest.raises(ValueError, match=r'flow: expected \(2, H, W\), got'):
        flow_to_rgb(np.zeros(shape))


def test_max_length():
    with pytest.raises(ValueError, match='max_length: expected more than 0 pixels, got 0'):
        flow_to_rgb(np.zeros((2, 4, 4)), max_length=0)
