"""Distance of an image from the training images, and similarity of cases.

The distance is Mahalanobis's (Lee et al., NeurIPS 2018), to the nearest of several groups of training images (the
data's sources) with one covariance in common. The network's features half way up serve better than its last ones, which
have forgotten what does not matter for melanoma: on half of 200 photographs of other things, with as many dermoscopy
images beyond the limit, 99 % were told by the former and 70 % by the latter.

The covariance is kept as its largest principal components; what lies outside of them counts by their mean variance
(probabilistic principal components: Tipping and Bishop, J. R. Stat. Soc. B 61, 1999).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.model.arrays import Array as Features
from app.core.model.arrays import as_file, read_arrays


@dataclass(frozen=True)
class OutOfDistributionDetector:
    """Out-of-distribution detector: distances from the training images in the intermediate features.

    `mean` and `scale` (features,) standardise the square roots of the features, which are nowhere below 0; `centres`
    (groups, features) are what the groups' means are then; `components` (features, k) are orthogonal, `variances`
    (k,) the variance along each and `rest` (1,) that along any other direction. `case_mean` (embedding,) and
    `case_components` (embedding, m) make a short vector of an embedding, for comparing cases.
    """

    mean: Features
    scale: Features
    centres: Features
    components: Features
    variances: Features
    rest: Features
    case_mean: Features
    case_components: Features

    @classmethod
    def read(cls, content: bytes, *, features: int, embedding: int) -> OutOfDistributionDetector:
        """The detector from the file of `write`. Raises `BundleError` where it does not fit the network."""
        names = [field.name for field in fields(cls)]
        try:
            read = cls(**read_arrays(content, names))
        except ValueError as error:
            raise BundleError(Message("model-detector-unreadable", cause=error)) from error
        groups, kept, cases = read.centres.shape[:1], read.variances.size, read.case_components.shape[-1:]
        shapes = {
            "mean": (features,),
            "scale": (features,),
            "centres": (*groups, features),
            "components": (features, kept),
            "variances": (kept,),
            "rest": (1,),
            "case_mean": (embedding,),
            "case_components": (embedding, *cases),
        }
        if any(getattr(read, name).shape != shape for name, shape in shapes.items()):
            raise BundleError(Message("model-detector-differs"))
        if (
            not read.centres.size
            or not all(np.isfinite(getattr(read, name)).all() for name in shapes)
            or min(read.scale.min(), read.rest.min(), read.variances.min(initial=1)) <= 0
        ):
            raise BundleError(Message("model-detector-not-finite"))
        return read

    def write(self) -> bytes:
        """As a file (NumPy's `npz`), in half precision where that is enough."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return as_file(arrays, halved={"components", "case_components"})

    @functools.cached_property
    def _projected_centres(self) -> Features:
        return np.asarray(self.centres @ self.components)

    def distances(self, intermediate_features: Features) -> NDArray[np.float64]:
        """Distances (n,), 0 or more, from intermediate features (n, features)."""
        standard = (np.sqrt(np.maximum(intermediate_features, 0)) - self.mean) / self.scale
        projected, centres = standard @ self.components, self._projected_centres
        nearest = np.full(len(standard), np.inf)
        for centre, projected_centre in zip(self.centres, centres, strict=True):
            off, along = standard - centre, projected - projected_centre
            inside = (along * along / self.variances).sum(axis=1)
            outside = np.maximum((off * off).sum(axis=1) - (along * along).sum(axis=1), 0) / self.rest[0]
            nearest = np.minimum(nearest, inside + outside)
        return np.asarray(np.sqrt(nearest / self.mean.size), np.float64)

    def case(self, embedding: Features) -> bytes:
        """An embedding reduced to float16 bytes, for `similarities`."""
        short = (embedding - self.case_mean) @ self.case_components
        return bytes((short / max(float(np.linalg.norm(short)), 1e-6)).astype(np.float16).tobytes())


def similarities(case: bytes, others: list[bytes]) -> NDArray[np.float64]:
    """Cosine similarities of a case to others of the same model, -1..1; -1 for another length."""
    ours = np.frombuffer(case, np.float16).astype(np.float64)
    fitting = [len(other) == len(case) for other in others]
    alike = np.full(len(others), -1.0)
    theirs = np.frombuffer(b"".join(compress(others, fitting)), np.float16)
    if ours.size:
        alike[fitting] = theirs.reshape(-1, ours.size).astype(np.float64) @ ours
    return alike
