"""What figures are measured on, and how they are written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.statistics import Interval
from app.core.model.bundle import ModelBundle
from app.core.model.card import Figure
from training.data.examples import Example, described, load_source, of_sources, of_split
from training.errors import DataError
from training.metrics import proportion

ALL = "all"
"""Instead of a split: the images of all of them, to measure a bundle on what its training left out."""


@dataclass(frozen=True)
class Task:
    """A bundle, the images to measure it on, and the command that the figures name.

    `data` are tables or folders, of which the images of the `split` (`ALL`: of every one) and of the `sources` (none
    named: all) are measured. `negatives` name what is no dermoscopy image (see `figures.refusals`); `apart` are
    more of them, counted separately.
    """

    bundle: ModelBundle
    data: tuple[Path, ...]
    split: str
    command: str
    negatives: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def examples(self) -> list[Example]:
        """The images to measure on. Raises `DataError` where there are none."""
        images = of_sources(load_source(*self.data), self.sources)
        return images if self.split == ALL else of_split(images, self.split)

    @property
    def outlined_data(self) -> Path:
        """The table with masks beside it. Raises `DataError` where not one of `data` alone has them."""
        having = [source for source in self.data if ((source if source.is_dir() else source.parent) / "masks").is_dir()]
        if len(having) != 1:
            raise DataError(f"{described(self.data)}: one table with masks/ beside it is needed, not {len(having)}.")
        return having[0]

    def figure(
        self, metric: str, estimate: Interval, images: int, melanomas: int = 0, *, data: str = "", split: str = ""
    ) -> Figure:
        """A figure on the task's split, or on other `data` and their `split`."""
        own = ", source ".join([described(self.data), *self.sources])
        measured_on = (data, split) if data else (own, self.split)
        return Figure(metric, estimate.rounded(), *measured_on, images, melanomas, self.command)

    def share(
        self, metric: str, chosen: Iterable[object], melanomas: int = 0, *, data: str = "", split: str = ""
    ) -> Figure:
        """The share of what is true in `chosen`."""
        each = [bool(one) for one in chosen]
        return self.figure(metric, proportion(sum(each), len(each)), len(each), melanomas, data=data, split=split)


def melanomas_among(examples: Iterable[Example]) -> int:
    return sum(example.melanoma for example in examples)
