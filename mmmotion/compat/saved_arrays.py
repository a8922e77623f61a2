"""NumPy arrays and scalars in a pickle, rebuilt without calling what a file could misuse.

A pickle names the functions that rebuild an array, and whoever wrote it chooses the arguments.
``numpy.ndarray(shape, dtype('O'), bytes)`` makes Python objects of raw bytes, and the state of a
copied dtype may claim that floats are objects: both crash the process that reads them, with a
pointer of the file's choice. Numbers need neither: the class stands only as an argument of
``_reconstruct``, the dtype is one of NumPy's own, and the values come in ``__setstate__``, which
takes just as many bytes as the shape asks for.

The dtype is therefore never a copy: the state of NumPy's own cannot be changed, by a file or by
anybody, so that the order of bytes in it has no effect and numbers are read in the machine's.
"""

import pickle
from typing import Any

import numpy as np

__all__ = ['DTYPE_CLASSES', 'SAVED_ARRAYS']

_NUMPY_CORE = getattr(np, '_core', None) or np.core
_NUMBERS = [np.dtype(code) for code in '?' + np.typecodes['AllInteger'] + 'efdg']
_CODES = {dtype.str[1:] for dtype in _NUMBERS}
DTYPE_CLASSES = {type(dtype) for dtype in _NUMBERS}


class ArrayClass:
    """The name ``numpy.ndarray`` in a pickle, which may be an argument and never be called."""

    def __new__(cls, *args: Any, **kwargs: Any) -> 'ArrayClass':
        raise pickle.UnpicklingError('a file may name numpy.ndarray, and it may not call it.')


def empty_array(cls: Any, shape: Any, code: Any) -> np.ndarray:
    """Stand in for ``_reconstruct``: an array without elements, until its state comes."""
    if cls not in (ArrayClass, np.ndarray):
        raise pickle.UnpicklingError(f'a file may hold arrays of numpy.ndarray, got {cls!r}.')
    return np.empty(0, np.int8)


def number_dtype(code: Any, align: Any = False, copy: Any = False) -> np.dtype:
    """Stand in for ``numpy.dtype``: the one of NumPy's own with this code, of numbers only."""
    if not isinstance(code, str) or code not in _CODES:
        raise pickle.UnpicklingError(f'a file may hold arrays of numbers, got the dtype {code!r}.')
    return np.dtype(code)


def number(dtype: Any, content: Any) -> Any:
    """Stand in for ``scalar``: one number of its bytes."""
    dtype = _own_dtype(dtype)
    return _NUMPY_CORE.multiarray.scalar(dtype, content)


def array_of_buffer(content: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
    """Stand in for ``_frombuffer``, with which arrays are written from pickle's protocol 5 on."""
    dtype = _own_dtype(dtype)
    return np.frombuffer(content, dtype=dtype).reshape(shape, order=order)


def _own_dtype(dtype: Any) -> np.dtype:
    """Return NumPy's own in place of an equal copy, whose flags may be a file's."""
    if isinstance(dtype, np.dtype):
        own = np.dtype(dtype.type)
        if own.str[1:] in _CODES and own == dtype:
            return own
    raise pickle.UnpicklingError(f'a file may hold numbers, got the dtype {dtype!r}.')


# What a pickle asks for, under the names of numpy 1.x and 2.x, whichever wrote it.
SAVED_ARRAYS: dict[str, Any] = {
    'numpy.ndarray': ArrayClass,
    'numpy.dtype': number_dtype,
    'numpy.core.multiarray._reconstruct': empty_array,
    'numpy.core.multiarray.scalar': number,
    'numpy.core.numeric._frombuffer': array_of_buffer,
    'numpy._core.multiarray._reconstruct': empty_array,
    'numpy._core.multiarray.scalar': number,
    'numpy._core.numeric._frombuffer': array_of_buffer,
}
