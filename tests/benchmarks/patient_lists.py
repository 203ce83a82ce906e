"""Lists, search and a patient's page of a history of 100,000 results against one of 1,000: ratios of times.

    python -m tests.benchmarks.patient_lists [--quick]

Both histories have five results a patient, two of them of one lesion. Each figure is the median of some turns, in which
both histories are asked in turn.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.body import Place, View
from app.core.domain.clinical import ClinicalRecord
from app.core.history.entries import insert
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import LesionRepository, add_lesion
from app.core.history.patients import PatientRepository, PatientSort
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from tests.factories import screening

SMALL, LARGE = 1_000, 100_000
OF_EACH = 5
"""Results a patient."""
TURNS = 15


@dataclass(frozen=True)
class Filled:
    """A history and its repositories."""

    history: EntryRepository
    patients: PatientRepository
    lesions: LesionRepository
    follow_ups: FollowUpRepository
    names: list[str]


def fill(file: Path, results: int) -> Filled:
    """A history with so many results, the same at each run."""
    history = EntryRepository(file)
    draw = random.Random(7)
    names = [f"KD-{number:05}" for number in range(results // OF_EACH)]
    begin = dt.datetime(2016, 1, 1, 9)
    with history.database.transaction() as connection:
        for number, name in enumerate(names):
            lesion = add_lesion(connection, name, Place(View.BACK, 0.4, 0.3))
            for each in range(OF_EACH):
                taken = begin + dt.timedelta(days=draw.randrange(3900), minutes=each)
                content = f"{number:060}{each:04}"
                result = screening(f"{name}-{each}.jpg", draw.random(), sha256=content, captured_at=taken)
                entry = insert(connection, result, ClinicalRecord(patient=name))
                if each < 2:
                    connection.execute("UPDATE screening SET lesion = ? WHERE id = ?", (lesion.id, entry.id))
    database = history.database
    filled = Filled(
        history, PatientRepository(database), LesionRepository(database), FollowUpRepository(database), names
    )
    for name in names[:: max(1, len(names) // 50)]:
        filled.follow_ups.add(name, dt.date(2027, 1, 1), "again")
    return filled


def tasks() -> dict[str, Callable[[Filled], object]]:
    """What is timed."""
    return {
        "list, latest visits": lambda f: f.patients.rows(),
        "list, by identifier": lambda f: f.patients.rows(sort=PatientSort.IDENTIFIER, descending=False),
        "list, to be seen again": lambda f: f.patients.rows(due=True, sort=PatientSort.DUE, descending=False),
        "number of patients": lambda f: f.patients.count(),
        "search that finds one": lambda f: f.patients.rows(f.names[len(f.names) // 2].lower()),
        "spelled alike": lambda f: f.patients.same_spellings(),
        "a patient's page": lambda f: f.lesions.of_patient(f.names[len(f.names) // 2]),
        "the history, latest": lambda f: f.history.entries(Query(), limit=200),
        "what is due": lambda f: f.follow_ups.due(limit=50),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.patient_lists", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small histories, one turn: to see that it works")
    options = parser.parse_args()
    small, large, turns = (50, 200, 1) if options.quick else (SMALL, LARGE, TURNS)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        histories = [fill(Path(folder) / f"{results}.sqlite3", results) for results in (small, large)]
        print(f"{small:,} and {large:,} results, filled in {time.perf_counter() - began:.0f} s")
        for name, task in tasks().items():
            times: list[list[float]] = [[], []]
            for _ in range(turns):
                for place, history in enumerate(histories):
                    began = time.perf_counter()
                    task(history)
                    times[place].append(time.perf_counter() - began)
            first, second = (statistics.median(each) for each in times)
            print(f"{name:<24} {1e3 * first:7.1f} ms {1e3 * second:7.1f} ms  {second / first:5.2f} times")
    return 0


if __name__ == "__main__":
    sys.exit(main())
