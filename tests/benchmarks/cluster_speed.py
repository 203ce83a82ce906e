"""A cluster's workers on this machine against a local batch, and what the scheduler's own work costs.

    python -m tests.benchmarks.cluster_speed [--data ../shared/dermoscopy_v2] [--files 2000] [--tasks 100000] [--quick]

Prints, from one run: images a second by `classify --cluster local` (a worker a core) and by `classify` alone, without
the seconds in which workers and processes begin; and how many tasks a second the scheduler hands out when they do
nothing. From both it calculates how long a million images take 16 machines of 8 cores.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from distributed import Client

from app.cli import cluster
from app.cli.cluster_worker import Image
from app.core.system import paths
from tests.benchmarks.common import files_and_model

MILLION, MACHINES, CORES_EACH = 1_000_000, 16, 8
AHEAD = cluster.AHEAD * MACHINES * CORES_EACH
"""Tasks under way, as with so many workers."""
FEW = 520
"""Images of the run that says how long beginning takes: enough for the local batch to begin processes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/dermoscopy_v2"))
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="a few drawn images and tasks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        draw = 80 if options.quick else 0
        files, model = files_and_model(options.data, options.files, folder, draw=draw)
        alone = speed(files, model, folder, ["--no-history"])
        by_cluster = speed(files, model, folder, ["--cluster", "local"])
    tasks = 500 if options.quick else options.tasks
    handed_out = tasks_per_second(tasks)
    cores = os.cpu_count() or 1
    print(f"{len(files)} images, {cores} cores: {by_cluster:.1f} images/s by the cluster, {alone:.1f} without")
    print(f"the cluster against the local batch: {by_cluster / alone:.2f}")
    print(f"the scheduler: {handed_out:.0f} tasks/s that do nothing, of {tasks}")
    screening = MILLION / (by_cluster / cores * MACHINES * CORES_EACH)
    scheduling = MILLION / cluster.CHUNK_SIZE / handed_out
    print(f"calculated, a million images on {MACHINES} machines of {CORES_EACH} cores:")
    print(f"{screening / 60:.1f} minutes of screening, {scheduling / 60:.1f} minutes of the scheduler's beside it")


def speed(files: Sequence[Path], model: Path, folder: Path, options: Sequence[str]) -> float:
    """Images a second, from the difference of two runs."""
    few = min(FEW, len(files) // 2)
    took, took_few = (seconds(files[:count], model, folder, options) for count in (len(files), few))
    return (len(files) - few) / max(took - took_few, 1e-9)


def seconds(files: Sequence[Path], model: Path, folder: Path, options: Sequence[str]) -> float:
    place = folder / "run"
    place.mkdir()
    names = place / "files.txt"
    names.write_text("\n".join(map(str, files)), encoding="utf-8")
    command = [sys.executable, "-m", "app", "classify", "--list", names, "--model", model, "--csv", place / "out.csv"]
    began = time.perf_counter()
    done = subprocess.run(
        [*map(str, command), *options],
        env=os.environ | {paths.DATA_VARIABLE: str(place / "data")},
        stderr=subprocess.DEVNULL,
    )
    took = time.perf_counter() - began
    if done.returncode not in (0, 1):
        sys.exit(f"The program ended with {done.returncode}.")
    shutil.rmtree(place)
    return took


def nothing(images: Sequence[Image]) -> int:
    """A task as large as those that screen images."""
    return len(images)


def tasks_per_second(count: int) -> float:
    chunk = [Image(Path(f"/archive/clinic/2026/image{number:08}.jpg")) for number in range(cluster.CHUNK_SIZE)]
    with cluster.local_cluster() as workers, Client(workers, security=workers.security, set_as_default=False) as client:
        began = time.perf_counter()
        under_way = cluster.Tasks(client, nothing)
        done = handed_out = 0
        while done < count:
            while handed_out < count and len(under_way) < AHEAD:
                under_way.hand_out(chunk)
                handed_out += 1
            future, _ = under_way.next_done()
            future.release()
            done += 1
        return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
