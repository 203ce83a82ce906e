"""Batches by processes that are killed again and again: is every image done exactly once?

    python -m tests.benchmarks.killed_batches [--data ../shared/dermoscopy_v2] [--files 600] [--kills 100] [--quick]

A batch is begun by `melascreen classify` with its processes. At a random moment the program or one of its processes is
killed (SIGKILL); a killed program is started again by the same command. Once a batch is finished the next begins, until
there were as many kills. Of each finished batch: every image has one row, each content is in the history once, and
every probability is that of a batch that nobody disturbed. Linux only.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from app.core.system import paths
from tests.benchmarks.common import files_and_model

PROGRAM = (
    "import sys; from app.core.screening import batch_runner; batch_runner.PROCESSES_FROM = 1;"
    " from app.__main__ import main; sys.exit(main())"
)
"""The program, with processes for a batch of any size."""
SHORTEST, LONGEST, QUICK_LONGEST = 0.2, 6.0, 1.2
"""Seconds from a start, or from the last kill, to a kill: few batches are finished before it."""


@dataclass
class Tally:
    """What was killed, and what was found amiss, in words."""

    programs: int = 0
    processes: int = 0
    batches: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return self.programs + self.processes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/dermoscopy_v2"))
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="two kills, on drawn images")
    options = parser.parse_args()
    random.seed(30)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        draw = 60 if options.quick else 0
        files, model = files_and_model(options.data, options.files, folder, draw=draw)
        longest = QUICK_LONGEST if options.quick else LONGEST
        tally = killed(files, model, folder, 2 if options.quick else options.kills, longest)
    print(f"killed: the program {tally.programs} times, one of its processes {tally.processes} times")
    print(f"batches of {len(files)} images finished: {tally.batches}; faults: {len(tally.faults)}")
    for fault in tally.faults:
        print(f"  {fault}")
    sys.exit(bool(tally.faults))


def killed(files: list[Path], model: Path, folder: Path, kills: int, longest: float) -> Tally:
    undisturbed = rows_of(finish(files, model, folder / "undisturbed"))
    tally = Tally()
    while tally.kills < kills:
        place = folder / f"batch{tally.batches}"
        table = disturbed(files, model, place, tally, kills, longest)
        tally.batches += 1
        tally.faults += [f"batch {tally.batches}: {fault}" for fault in faults(table, place, undisturbed)]
    return tally


def begin(files: list[Path], model: Path, place: Path) -> subprocess.Popen:
    """Start the program on the files, with its data and its table in `place`."""
    place.mkdir(exist_ok=True)
    arguments = ["classify", *map(str, files), "--model", str(model), "--csv", str(place / "table.csv")]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=os.environ | {paths.DATA_VARIABLE: str(place / "data")},
        stderr=subprocess.DEVNULL,
    )


def finish(files: list[Path], model: Path, place: Path) -> Path:
    begin(files, model, place).wait()
    return place / "table.csv"


def disturbed(files: list[Path], model: Path, place: Path, tally: Tally, kills: int, longest: float) -> Path:
    """The table of a batch that was killed at random moments, as often as it takes."""
    program = begin(files, model, place)
    while True:
        try:
            program.wait(random.uniform(SHORTEST, longest))
        except subprocess.TimeoutExpired:
            if tally.kills >= kills:
                continue
            workers = children(program.pid)
            if workers and random.random() < 0.5:
                os.kill(random.choice(workers), signal.SIGKILL)
                tally.processes += 1
            else:
                program.kill()
                program.wait()
                tally.programs += 1
                program = begin(files, model, place)
        else:
            return place / "table.csv"


def children(pid: int) -> list[int]:
    """The processes that screen images, of a program."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return [int(child) for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:  # one has ended meanwhile
        return []


def rows_of(table: Path) -> list[tuple[str, str, str]]:
    """Path, probability and reason of each row."""
    with table.open(newline="", encoding="utf-8") as file:
        return sorted((row["path"], row["melanoma_probability"], row["error"]) for row in csv.DictReader(file))


def faults(table: Path, place: Path, undisturbed: list[tuple[str, str, str]]) -> list[str]:
    if not table.is_file():
        return ["there is no table"]
    found = [] if rows_of(table) == undisturbed else ["the rows are not those of an undisturbed batch"]
    answers = sum(probability != "" for _, probability, _ in undisturbed)
    history = next((place / "data").glob("*.sqlite3"))
    with closing(sqlite3.connect(history)) as connection:
        entries, contents = connection.execute("SELECT count(*), count(DISTINCT sha256) FROM screening").fetchone()
        left = connection.execute("SELECT count(*) FROM batch").fetchone()[0]
    if not entries == contents == answers:
        found.append(f"{entries} entries of {contents} contents in the history, for {answers} answers")
    if left:
        found.append(f"{left} batches are left in the history")
    return found


if __name__ == "__main__":
    main()
