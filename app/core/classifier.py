"""A checked bundle and a picture -> a prediction."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from app.core.card import LOGITS
from app.core.model_bundle import ModelBundle
from app.core.preprocess import network_picture
from app.core.types import BundleError, ModelId, Prediction

INPUT = "image"
"""The name of the network's one input in its file's signature."""


class Network:
    """A LiteRT network. Not for several threads at once; by itself it uses all cores, or as many `threads`."""

    def __init__(
        self, content: bytes, outputs: Mapping[str, tuple[int, ...]], *, side: int, threads: int | None = None
    ) -> None:
        """Raises `BundleError` where the content is no network that takes a picture of `side` and gives `outputs`.

        `outputs` are their shapes by name (see `app.core.card.NetworkFile`).
        """
        try:
            interpreter = Interpreter(model_content=content, num_threads=threads or os.cpu_count() or 1)
            self._run = interpreter.get_signature_runner()
            inputs, given = self._run.get_input_details(), self._run.get_output_details()
        except (RuntimeError, ValueError) as error:
            raise BundleError(f"The model's network can't be loaded: {error}") from error
        shapes = {name: tuple(detail["shape"].tolist()) for name, detail in (inputs | given).items()}
        types = {detail["dtype"] for detail in (inputs | given).values()}
        if shapes != {INPUT: (1, side, side, 3), **outputs} or types != {np.float32}:
            raise BundleError(f"The model's network does not agree with its card: it has the shapes {shapes}.")

    def outputs(self, picture: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Run the network on a picture of shape (side, side, 3), RGB, 0..255.

        Gives each output by its name, without the leading 1 of its shape. Raises `BundleError` where the
        network can't be run.
        """
        return {name: value[0] for name, value in self._outputs(picture[np.newaxis]).items()}

    def logits(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The output `logits` alone, shape (classes,). See `outputs`."""
        return self.logits_of_several(picture[np.newaxis])[0]

    def logits_of_several(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The same of pictures of shape (n, side, side, 3) together: (n, classes), in a tenth less time."""
        return self._outputs(pictures)[LOGITS].astype(np.float64)

    def _outputs(self, pictures: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        try:
            return dict(self._run(**{INPUT: pictures.astype(np.float32)}))
        except (RuntimeError, ValueError) as error:
            raise BundleError(f"The model's network can't be run: {error}") from error


class Classifier:
    """The network with its calibration and threshold. Not for several threads at once."""

    def __init__(self, bundle: ModelBundle, *, threads: int | None = None) -> None:
        """`threads` as in `Network`. Raises `BundleError` where the network can't be loaded."""
        self.card = bundle.card
        self.model_id: ModelId = bundle.card.model_id
        self._network = Network(bundle.network, self.card.network.outputs, side=self.card.network.side, threads=threads)
        self._melanoma = self.card.classes.index(self.card.melanoma_class)

    def predict(self, rgb: NDArray[np.uint8]) -> Prediction:
        """Classify an upright sRGB picture of shape (height, width, 3), 0..255, any size.

        Raises `BundleError` where the network gives no number.
        """
        (prediction,) = self.predict_prepared([self.prepare(rgb)])
        if isinstance(prediction, BundleError):
            raise prediction
        return prediction

    def prepare(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture as the network takes it (see `network_picture`): little, however large the original is."""
        return network_picture(rgb, self.card.network.side)

    def predict_prepared(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Prediction | BundleError]:
        """Classify pictures that `prepare` gave, together. One for which the network gives no number has an error.

        Raises `BundleError` where the network can't be run at all.
        """
        if not pictures:
            return []
        return [self._prediction(logits) for logits in self._network.logits_of_several(np.stack(pictures))]

    def _prediction(self, logits: NDArray[np.float64]) -> Prediction | BundleError:
        if not np.isfinite(logits).all():
            return BundleError("The model's network gave no number for this picture; the model may be damaged.")
        probability = float(self.card.calibration.probabilities(logits)[self._melanoma])
        return Prediction(probability, self.card.operating_point.threshold)
