"""What all tests share: no display, a user's folder of their own, pictures drawn by code."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tqdm import TMonitor

from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier  # LiteRT before Qt, as the program does
from app.core.system import log, paths
from tests.factories import without_detector

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

DERMOSCOPY = Path(__file__).parents[2] / "shared" / "dermoscopy"
SECONDS_TO_END = 10
"""How long a thread may take to end once it was asked to."""
NAMES = ("lesion", "Родинка пациента", "شامة المريض", "a b'c")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Set up before all else that a test asks for, so it looks after all of that is closed."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and not _is_of_a_library(thread)]
    for thread in left:
        thread.join(SECONDS_TO_END)
    assert [thread.name for thread in left if thread.is_alive()] == []


def _is_of_a_library(thread: threading.Thread) -> bool:
    """Whether it is tqdm's, which lives as long as the process, or was not started by Python (Qt's, TensorFlow's)."""
    return isinstance(thread, (TMonitor, threading._DummyThread))


@pytest.fixture(autouse=True)
def user_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[paths.UserData]:
    """The user's folder, empty; also the home and the settings folder of everything else."""
    home = tmp_path / "home"
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setenv(paths.DATA_VARIABLE, str(home / "melascreen"))
    yield paths.user_data()
    log.stop()


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch looks at one picture at a time on each core and gives each result at once, so that it can be stopped."""
    monkeypatch.setattr("app.core.screening.batch_runner.COMMIT_INTERVAL", 0.0)
    monkeypatch.setattr("app.core.screening.batch_runner.CHUNK_SIZE", 1)
    monkeypatch.setattr("app.core.screening.batch_runner.PREFETCH", 1)


@pytest.fixture(scope="session")
def shipped_model() -> Path:
    """The bundle that ships."""
    return paths.bundled_model()


@pytest.fixture(scope="session")
def model(shipped_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle that ships, without the out-of-distribution check: drawn images would all be rejected."""
    return without_detector(shipped_model, tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="session")
def classifier(model: Path) -> Classifier:
    return Classifier(load_bundle(model))


@pytest.fixture
def image_file(tmp_path: Path) -> Callable[..., Path]:
    """Draws a lesion into a file: `image_file("name.png", radius=50)`."""

    def make(name: str = "lesion.png", *, folder: Path = tmp_path, **drawn: float) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(reference_image(**drawn)).save(path)
        return path

    return make


@pytest.fixture(scope="session")
def lesion() -> np.ndarray:
    """The drawn picture, shape (256, 256, 3)."""
    return reference_image()


@pytest.fixture(scope="session")
def dermoscopy() -> Path:
    """The shared real images; the tests that need them are skipped where they are not."""
    if not (DERMOSCOPY / "metadata.csv").is_file():
        pytest.skip(f"no dermoscopy images at {DERMOSCOPY}")
    return DERMOSCOPY
