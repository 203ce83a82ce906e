"""Each benchmark runs: in its `--quick` form, on images that it draws itself, without the shared ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "tests" / "benchmarks"
SECONDS = 240
"""The time limit for one; on two quiet cores none takes 20, but the machine may be shared."""
NUMBER = r"\d+\.\d+"

PRINTED = {
    "alignment": [
        rf"changed by code: aligned within 2% of the side [1-4] of 4: {NUMBER}%",
        rf"different lesions: called aligned 0 of 4: {NUMBER}%",
        rf"one lesion: called aligned [1-4] of 4: {NUMBER}%",
    ],
    "batch_speed": [
        rf"of the network alone: {NUMBER} of one by one, {NUMBER} of 4 at once",
        rf"the batch is {NUMBER} times as fast",
        rf"a batch takes {NUMBER} times what decoding alone does,",
        rf"{NUMBER} times what decoding in full does",
    ],
    "changed_pictures": [rf"{change} +MelaScreen .*: AUROC {NUMBER}" for change in ("as they are", "black frame")],
    "cluster_speed": [rf"the cluster against the local batch: {NUMBER}", r"the scheduler: \d+ tasks/s", NUMBER],
    "damaged_files": [rf"{kind} +can tell .* answered, silent +\d+ = {NUMBER}" for kind in ("jpeg", "png", "tiff-lzw")],
    "killed_batches": [r"batches of 60 images finished: \d+; faults: 0"],
    "network_speed": [rf"ratio: {NUMBER}"],
    "patient_lists": [rf"search that finds one .* {NUMBER} times", rf"a patient's page .* {NUMBER} times"],
    "single_image": [rf"without stability +{NUMBER}", rf"everything +{NUMBER}", rf"outline alone +{NUMBER}"],
    "start_speed": [
        rf"window, against a bare one: {NUMBER} times as long",
        rf"first result, against a bare window: {NUMBER} times as long",
        rf"window, against the thesis's model loaded: {NUMBER} times sooner",
        rf"first result, against the thesis's: {NUMBER} times sooner",
    ],
    "window_latency": [
        rf"ratio to the 50 ms wanted: {NUMBER}",
        rf"list: a frame of \d+ rows takes {NUMBER} times",
        rf"grid: a frame of \d+ rows takes {NUMBER} times",
    ],
}
"""The ratios that each prints."""


def test_every_benchmark_is_run() -> None:
    modules = {path.stem for path in BENCHMARKS.glob("*.py")} - {"__init__", "common"}
    assert modules == PRINTED.keys()


@pytest.mark.timeout(SECONDS + 30)
@pytest.mark.parametrize("name", PRINTED)
def test_a_quick_run_prints_its_ratios(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{name}", "--quick"],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for ratio in PRINTED[name]:
        assert re.search(ratio, done.stdout), done.stdout
