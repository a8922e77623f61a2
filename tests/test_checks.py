"""Checks of arguments, and their sentences."""

import pytest

from mmmotion.checks import check_choice, check_integer, did_you_mean


def test_choice():
    check_choice('mode', 'b', ('a', 'b'))
    with pytest.raises(ValueError, match="^mode: expected one of a, b, got 'c'$"):
        check_choice('mode', 'c', ('a', 'b'))


@pytest.mark.parametrize('value', [1, 0.5, True, '3', None])
def test_integer(value):
    check_integer('num', 2, least=2)
    expected = f'^num: expected an integer of at least 2, got {value!r}$'
    with pytest.raises(ValueError, match=expected):
        check_integer('num', value, least=2)


def test_suggestion():
    known = ['layer1', 'layer2', 'head']
    assert did_you_mean('heads', known) == '; did you mean head?'
    assert did_you_mean('layer', known, most=2) == '; did you mean layer2, layer1?'
    assert did_you_mean('stem', known) == ''
