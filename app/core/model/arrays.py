"""NumPy files (`npz`) of a model bundle: named arrays of numbers."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_DAMAGED = (OSError, EOFError, ValueError, TypeError, KeyError, NotImplementedError, zlib.error, zipfile.BadZipFile)
"""What NumPy raises for a file that is none of its own."""


def read_arrays(content: bytes, names: Iterable[str]) -> dict[str, Array]:
    """The arrays of these names in a file's content. Raises `ValueError` where they are not there."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: stored[name].astype(np.float32) for name in names}
    except _DAMAGED as error:
        raise ValueError(str(error)) from error


def as_file(arrays: Mapping[str, Array], *, halved: Set[str]) -> bytes:
    """The content of a file with these arrays, those that are `halved` in half precision."""
    stored: dict[str, Any] = {
        name: array.astype(np.float16 if name in halved else np.float32) for name, array in arrays.items()
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **stored)
    return buffer.getvalue()
