"""Training over several devices or workers, on this machine's loopback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from training.__main__ import main as melascreen_train
from training.networks.classifier import load_averaged
from training.trainer.run import Run


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def train_together(folder: Path, runs: list[Run], data: list[str]) -> tuple[list[int], list[str]]:
    """Train with one worker a run. Gives the exit statuses and what the workers wrote last."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(len(runs))]}
    workers, logs = [], []
    for index, run in enumerate(runs):
        config = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
        command = [sys.executable, "-m", "training", "train", *data, "--run", str(run.folder)]
        logs.append(folder / f"worker{index}.log")
        with logs[-1].open("wb") as log:
            workers.append(
                subprocess.Popen(
                    [*command, "--strategy", "multi-worker"],
                    env={**os.environ, "TF_CONFIG": config},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
    codes = [worker.wait(timeout=240) for worker in workers]
    return codes, [log.read_text()[-3000:] for log in logs]


def test_two_workers_make_one_model_and_a_bundle_of_the_same_kind(
    table: Path, recipe_file: Path, tmp_path: Path, lesion: np.ndarray
) -> None:
    """Each has a run of its own; after every epoch both have the same weights."""
    data = ["--recipe", str(recipe_file), "--data", str(table)]
    runs = [Run(tmp_path / f"worker{index}") for index in range(2)]
    assert melascreen_train(["prepare", *data, "--run", str(runs[0].folder)]) == 0
    assert melascreen_train(["split", *data, "--run", str(runs[0].folder)]) == 0
    shutil.copytree(runs[0].folder, runs[1].folder)
    codes, notified = train_together(tmp_path, runs, data)
    assert codes == [0, 0], notified
    logs = [run.epochs() for run in runs]
    assert [(epoch.phase, epoch.epoch) for epoch in logs[0]] == [("frozen", 0), ("frozen", 1), ("fine-tuned", 0)]
    weights = [load_averaged(run.best("auroc")).get_weights() for run in runs]
    for one, other in zip(*weights, strict=True):
        assert np.array_equal(one, other)
    bundle = tmp_path / "bundle"
    assert melascreen_train(["export", *data, "--run", str(runs[0].folder), "--bundle", str(bundle)]) == 0
    dark = Classifier(load_bundle(bundle)).predict(lesion).melanoma_probability
    light = Classifier(load_bundle(bundle)).predict(255 - (255 - lesion) // 3).melanoma_probability
    assert dark > light + 0.2  # it has learned what the drawings differ in
    # by itself, on whole batches, the first epoch goes about the same way: nothing is scaled by the workers' number
    alone = Run(tmp_path / "alone")
    shutil.copytree(runs[0].prepared.folder, alone.prepared.folder)
    assert melascreen_train(["train", *data, "--run", str(alone.folder)]) == 0
    assert logs[0][0].train_loss == pytest.approx(alone.epochs()[0].train_loss, rel=0.35)
    # one worker's log lacks an epoch, as after a kill at the wrong moment
    runs[1].save_epochs(logs[1][:-1])
    codes, notified = train_together(tmp_path, runs, data)
    assert codes == [1, 1]
    assert "[3, 2]" in notified[0]


def test_multi_worker_without_its_configuration(
    table: Path, recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    data = ["--recipe", str(recipe_file), "--data", str(table), "--run", str(tmp_path / "run")]
    assert melascreen_train(["all", *data, "--strategy", "multi-worker"]) == 1
    assert "TF_CONFIG" in capsys.readouterr().err
