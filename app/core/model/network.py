"""A LiteRT network: images to its named outputs."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.model.card import LOGITS

INPUT = "image"
"""The name of the network's one input in its file's signature."""


class Network:
    """A LiteRT network. Not thread-safe; it runs on all cores, or on `threads`."""

    def __init__(
        self, content: bytes, outputs: Mapping[str, tuple[int, ...]], *, side: int, threads: int | None = None
    ) -> None:
        """Raises `BundleError` where the content is no network that takes an image of `side` and gives `outputs`.

        `outputs` are their shapes by name (see `app.core.model.card.NetworkFile`).
        """
        try:
            interpreter = Interpreter(model_content=content, num_threads=threads or os.cpu_count() or 1)
            self._run = interpreter.get_signature_runner()
            inputs, given = self._run.get_input_details(), self._run.get_output_details()
        except (RuntimeError, ValueError) as error:
            raise BundleError(Message("model-network-unloadable", cause=error)) from error
        shapes = {name: tuple(detail["shape"].tolist()) for name, detail in (inputs | given).items()}
        types = {detail["dtype"] for detail in (inputs | given).values()}
        if shapes != {INPUT: (1, side, side, 3), **outputs} or types != {np.float32}:
            raise BundleError(Message("model-network-differs", shapes=shapes))

        self.names = frozenset(outputs)
        """What it gives."""

    def outputs(self, picture: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Run the network on an image of shape (side, side, 3), RGB, 0..255.

        Gives each output by its name, without the leading 1 of its shape. Raises `BundleError` where the
        network can't be run.
        """
        return {name: value[0] for name, value in self.outputs_of_several(picture[np.newaxis]).items()}

    def logits(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The output `logits` alone, shape (classes,). See `outputs`."""
        return self.outputs_of_several(picture[np.newaxis])[LOGITS][0].astype(np.float64)

    def outputs_of_several(self, pictures: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Outputs for images (n, side, side, 3) in one run, 10 % faster than one by one: (n, …) each."""
        try:
            return dict(self._run(**{INPUT: pictures.astype(np.float32)}))
        except (RuntimeError, ValueError) as error:
            raise BundleError(Message("model-network-fails", cause=error)) from error
