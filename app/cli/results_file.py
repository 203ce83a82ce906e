"""A table that grows row by row, as CSV, and is taken up again by what is in it; at the end it may become Parquet."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.core.domain.results import ModelId
from app.core.exchange.table import COLUMNS, csv_bytes, unguarded

NUMBERS = frozenset(
    {"melanoma_probability", "confidence", "threshold", "lowest_probability", "highest_probability", "unfamiliarity"}
    | {"dermoscopy_probability", "other_cancer_probability", "other_cancer_threshold"}
    | {name for name in COLUMNS if name.startswith("diagnosis_") and name.endswith("_probability")}
)


class ResultsError(Exception):
    """The file can't be used; the text says why."""


class ResultsFile:
    """A CSV file of results, one row an image, in the order of completion. Each group of rows is on disk once added.

    What it knows of the rows is in a temporary database on disk, so memory does not grow with them.
    """

    def __init__(self, file: Path, model: ModelId) -> None:
        """Open the file, or begin it. A last row that was cut off is removed, and its image is not done.

        Raises `ResultsError` for a file of something else, or of another model than this one, `OSError` where it can't
        be written.
        """
        self.file = file
        self._model = (model.name, model.version)
        self.done = self.failed = 0
        """Images that have a row, and those among them without a number."""
        self._claimed = sqlite3.connect("")  # a temporary file
        self._claimed.execute("CREATE TABLE claimed (path BLOB PRIMARY KEY) WITHOUT ROWID")
        self._opened = file.open("r+b" if file.exists() else "w+b")
        try:
            self._take_up()
        except ResultsError:
            self.close()
            raise

    def _take_up(self) -> None:
        header = csv_bytes(COLUMNS, ())
        if not self._opened.seek(0, os.SEEK_END):
            self._opened.write(header)
            return
        self._opened.seek(0)
        if self._opened.readline() != header:
            raise ResultsError(f"{self.file}: it is no table of this program's results, or of another version.")
        end = self._opened.tell()
        for length, row in self._whole_rows():
            self._check_model(row)
            self.claim(row["path"])
            self._count(row)
            end += length
        self._opened.truncate(end)
        self._opened.seek(end)

    def claim(self, path: str | Path) -> bool:
        """Whether an image has no row yet and was not claimed before: it is to be done, once."""
        return self._claimed.execute("INSERT OR IGNORE INTO claimed VALUES (?)", (os.fsencode(path),)).rowcount == 1

    def take(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows of another file, but for images that have one here."""
        new = [row for row in rows if self.claim(row["path"])]
        for row in new:
            self._check_model(row)
        self.add(new)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows; they are on disk when this returns. Raises `OSError`."""
        rows = list(rows)
        self._opened.write(csv_bytes(COLUMNS, rows, header=False))
        self._opened.flush()
        os.fsync(self._opened.fileno())
        for row in rows:
            self._count(row)

    def _check_model(self, row: Mapping[str, Any]) -> None:
        if (row["model"], row["model_version"]) != self._model:
            raise ResultsError(f"{self.file}: it has results of another model, {row['model']} {row['model_version']}.")

    def _whole_rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows that end, and how many bytes each has; a quoted cell may hold line ends."""
        waiting = b""
        for line in self._opened:
            waiting += line
            if not waiting.endswith(b"\r\n") or waiting.count(b'"') % 2:
                continue
            (cells,) = csv.reader(io.StringIO(waiting.decode("utf-8", "surrogateescape"), newline=""))
            if len(cells) != len(COLUMNS):
                raise ResultsError(f"{self.file}: a row has {len(cells)} cells, not {len(COLUMNS)}: {cells[:1]}")
            yield len(waiting), dict(zip(COLUMNS, map(unguarded, cells), strict=True))
            waiting = b""

    def _count(self, row: Mapping[str, Any]) -> None:
        self.done += 1
        self.failed += row["melanoma_probability"] in (None, "")

    def close(self) -> None:
        self._opened.close()
        self._claimed.close()


def write_parquet(table: Path, file: Path) -> None:
    """A CSV file of results as Parquet, a part at a time; the probabilities and thresholds are numbers in it.

    Raises `ResultsError` where a row can't be put there; the CSV file stays in any case.
    """
    import pyarrow
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    types = {name: pyarrow.float64() if name in NUMBERS else pyarrow.string() for name in COLUMNS}
    convert = arrow_csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    parse = arrow_csv.ParseOptions(newlines_in_values=True)
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with (
            arrow_csv.open_csv(table, parse_options=parse, convert_options=convert) as reader,
            parquet.ParquetWriter(unfinished, reader.schema) as writer,
        ):
            for batch in reader:
                writer.write_batch(batch)
    except pyarrow.ArrowInvalid as error:  # a path that is no Unicode
        unfinished.unlink(missing_ok=True)
        raise ResultsError(f"{file}: it can't be written, and {table} holds the results: {error}") from error
    with unfinished.open("rb+") as written:
        os.fsync(written.fileno())
    unfinished.replace(file)


def read_parquet(file: Path) -> Iterator[list[dict[str, Any]]]:
    """The rows of a file that `write_parquet` made, in groups. Raises `ResultsError` for another file."""
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(file) as opened:
            if tuple(opened.schema_arrow.names) != COLUMNS:
                raise ResultsError(f"{file}: it is no table of this program's results, or of another version.")
            for batch in opened.iter_batches():
                yield batch.to_pylist()
    except pyarrow.ArrowInvalid as error:
        raise ResultsError(f"{file}: it can't be read: {error}") from error
