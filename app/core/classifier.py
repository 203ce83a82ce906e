"""A checked bundle and a picture -> a prediction."""

from __future__ import annotations

import os

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from app.core.model_bundle import ModelBundle
from app.core.preprocess import network_picture
from app.core.types import BundleError, ModelId, Prediction


class Network:
    """A LiteRT network. Not for several threads at once; it uses all cores by itself."""

    def __init__(self, content: bytes, *, side: int, classes: int) -> None:
        """Raises `BundleError` where the content is no network of the given input and output."""
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=os.cpu_count() or 1)
            self._interpreter.allocate_tensors()
            (self._input,) = self._interpreter.get_input_details()
            (self._output,) = self._interpreter.get_output_details()
        except (RuntimeError, ValueError) as error:
            raise BundleError(f"The model's network can't be loaded: {error}") from error
        shapes = tuple(self._input["shape"].tolist()), tuple(self._output["shape"].tolist())
        types = {self._input["dtype"], self._output["dtype"]}
        if shapes != ((1, side, side, 3), (1, classes)) or types != {np.float32}:
            raise BundleError(f"The model's network does not agree with its card: it has the shapes {shapes}.")

    def logits(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Run the network on a picture of shape (side, side, 3), RGB, 0..255. Shape (classes,).

        Raises `BundleError` where it can't be run.
        """
        try:
            self._interpreter.set_tensor(self._input["index"], picture[np.newaxis].astype(np.float32))
            self._interpreter.invoke()
        except RuntimeError as error:
            raise BundleError(f"The model's network can't be run: {error}") from error
        return np.asarray(self._interpreter.get_tensor(self._output["index"])[0], dtype=np.float64)


class Classifier:
    """The network with its calibration and threshold. Not for several threads at once."""

    def __init__(self, bundle: ModelBundle) -> None:
        """Raises `BundleError` where the network can't be loaded."""
        self.card = bundle.card
        self.model_id: ModelId = bundle.card.model_id
        self._network = Network(bundle.network, side=self.card.network.side, classes=len(self.card.classes))
        self._melanoma = self.card.classes.index(self.card.melanoma_class)

    def predict(self, rgb: NDArray[np.uint8]) -> Prediction:
        """Classify an upright sRGB picture of shape (height, width, 3), 0..255, any size.

        Raises `BundleError` where the network gives no number.
        """
        logits = self._network.logits(network_picture(rgb, self.card.network.side))
        if not np.isfinite(logits).all():
            raise BundleError("The model's network gave no number for this picture; the model may be damaged.")
        probability = float(self.card.calibration.probabilities(logits)[self._melanoma])
        return Prediction(probability, self.card.operating_point.threshold)
