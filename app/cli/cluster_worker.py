"""What a cluster's workers do: they screen chunks of images, each by a model that it was sent once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin

from app.core.exchange.table import as_csv_row
from app.core.model.bundle import ModelBundle
from app.core.model.classifier import Classifier
from app.core.screening.chunk_screener import ChunkScreener

PACKAGES = ("melascreen", "ai-edge-litert", "numpy", "pillow", "simplejpeg", "pi-heif", "pydicom", "tifffile")
"""What a result depends on."""
Row = dict[str, Any]
"""A result by the columns of `app.core.exchange.table`."""

_screeners: dict[str, ChunkScreener] = {}
_unfit: dict[str, str] = {}
"""Of a worker: what it screens jobs with, and why it can't do others, by the jobs' keys."""


@dataclass(frozen=True)
class Job:
    """How images are screened: by a model, with options as in `classify_prepared`. `key` tells it from other jobs.

    `versions` are those of the machine that hands it out: a worker's results might otherwise differ in the last digit.
    """

    key: str
    bundle: ModelBundle
    consistency: bool
    force_prediction: bool
    versions: Mapping[str, str]


class UnfitWorkerError(Exception):
    """A worker can't do a job; the text says which and why."""


@dataclass(frozen=True)
class Image:
    """An image's path, and its content where the worker is to read no file."""

    path: Path
    content: bytes | None = None


class ScreenerPlugin(WorkerPlugin):  # type: ignore[misc]  # untyped there
    """Makes a worker ready for a job; a worker that joins later gets it too."""

    def __init__(self, job: Job) -> None:
        self.name = f"melascreen-{job.key}"
        self._job = job

    def setup(self, worker: Worker) -> None:
        """Load the network here, before any image is sent. Raises `UnfitWorkerError` or `BundleError`."""
        job = self._job
        for name, version in versions().items():
            if job.versions[name] != version:
                text = f"The worker {worker.address} has {name} {version}, this machine has {job.versions[name]}."
                _unfit[job.key] = text
                raise UnfitWorkerError(text)

        def make_classifier() -> Classifier:
            return Classifier(job.bundle, threads=1)

        _screeners[job.key] = ChunkScreener(
            [make_classifier()], make_classifier, None, job.consistency, job.force_prediction, with_content=False
        )

    def teardown(self, worker: Worker) -> None:
        _screeners.pop(self._job.key, None)


def screen(key: str, images: Sequence[Image]) -> list[Row]:
    """In a worker: a row for each image, in no order. Raises `UnfitWorkerError`."""
    if key not in _screeners:  # it joined later, and its setup failed
        raise UnfitWorkerError(_unfit.get(key, "A worker that joined could not be made ready."))
    contents = {place: image.content for place, image in enumerate(images) if image.content is not None}
    results = _screeners[key]([(place, image.path) for place, image in enumerate(images)], contents)
    return [as_csv_row(result.screening) for result in results]


def versions() -> dict[str, str]:
    """The versions of what a result depends on."""
    return {name: metadata.version(name) for name in PACKAGES}
