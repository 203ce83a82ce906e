#!/usr/bin/env python3
"""Drives a bundle, or an installed copy, as a clinic's PC might: `python3 packaging/smoke.py PROGRAM [IMAGE…]`.

PROGRAM is the executable. Each check says ok, FAILED or why it is skipped; the exit status is 1 if any failed. Without
images those of ../shared/dermoscopy are taken, or a drawn one. Some checks need Linux, root (mounts, a network
namespace), or Xvfb and xdotool. `classify` is held against the same from source, so this runs in the environment of
the checkout (`.venv/bin/python packaging/smoke.py …`).
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "dermoscopy" / "fullsize"
TOLERANCE = 1e-6
SECONDS = 180
NAMES = ("Снимки пациента", "صور المريض")


class SkippedError(Exception):
    """The check can't be made here, and why."""


def main() -> int:
    program = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder:
        images = [Path(name).resolve() for name in sys.argv[2:]] or _images(Path(folder))
        failed = 0
        for check in CHECKS:
            own = Path(folder) / check.__name__
            own.mkdir()
            try:
                print(f"ok       {check.__name__}: {check(program, images, own)}", flush=True)
            except SkippedError as reason:
                print(f"skipped  {check.__name__}: {reason}", flush=True)
            except Exception as error:  # noqa: BLE001 - whatever is wrong, the next check is made too
                failed += 1
                print(f"FAILED   {check.__name__}: {error}", flush=True)
    return 1 if failed else 0


def _images(folder: Path) -> list[Path]:
    if SHARED.is_dir():
        return sorted(SHARED.glob("*.jpg"))[:5]
    sys.path.insert(0, str(ROOT))
    from PIL import Image

    from app.core.imaging.reference_image import reference_image

    path = folder / "drawn.png"
    Image.fromarray(reference_image()).save(path)
    return [path]


def self_test(program: Path, _images: list[Path], folder: Path) -> str:
    """With a display, if there is one."""
    return _run(program, "--self-test", data=folder).stdout.splitlines()[-1]


def no_display(program: Path, _images: list[Path], folder: Path) -> str:
    """The self-test passes, and the window says which other way there is."""
    _run(program, "--self-test", data=folder, display="")
    done = _run(program, data=folder, display="", status=2)
    return _said(done.stderr, "classify")


def classify(program: Path, images: list[Path], folder: Path) -> str:
    """The same numbers as from source."""
    ours = _probabilities(_run(program, "classify", *map(str, images), "--no-history", data=folder, status=None).stdout)
    source = [sys.executable, "-m", "app", "classify", *map(str, images), "--no-history"]
    theirs = _probabilities(subprocess.run(source, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS).stdout)
    if ours.keys() != theirs.keys() or not ours:
        raise ValueError(f"{len(ours)} rows, and {len(theirs)} from source")
    apart = max(abs(ours[name] - theirs[name]) for name in ours)
    if apart > TOLERANCE:
        raise ValueError(f"the probabilities differ by {apart}")
    return f"{len(ours)} images, at most {apart:g} apart"


def names_in_any_script(program: Path, images: list[Path], folder: Path) -> str:
    for name in NAMES:
        (folder / name).mkdir()
        shutil.copy(images[0], folder / name / f"{name}{images[0].suffix}")
    done = _run(program, "classify", str(folder), "--recursive", "--no-history", data=folder / "data", status=None)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    if len(rows) != len(NAMES) or any(row["status"] == "failed" for row in rows):
        raise ValueError(done.stdout + done.stderr)
    return ", ".join(Path(row["path"]).name for row in rows)


def window(program: Path, images: list[Path], folder: Path) -> str:
    """Opened with an image, under Xvfb, it judges it and writes that into the history."""
    with _window(program, images, folder, str(images[0])) as (process, _display):
        _wait_for("an entry in the history", lambda: _entries(folder) > 0, process)
    return "an image was judged and is in the history"


def drop(program: Path, images: list[Path], folder: Path) -> str:
    """The first start's greeting is closed by a key; then an image is dragged out of another program's window."""
    with _window(program, images, folder) as (process, display):
        _wait_for("a greeting", lambda: len(_shown(display, process.pid)) == 2, process)
        _x(display, "mousemove", "640", "450", "key", "Return")
        _wait_for("a window alone", lambda: len(_shown(display, process.pid)) == 1, process)
        command = [sys.executable, str(ROOT / "packaging" / "drag_source.py"), str(images[0])]
        with subprocess.Popen(command, env=_environment(folder, display)) as source:
            try:
                _wait_for("a window to drag from", lambda: len(_shown(display, source.pid)) == 1, process)
                _x(display, "mousemove", "30", "30", "mousedown", "1")
                for place in range(60, 601, 60):  # a drag begins after some way, and the target is told of each step
                    _x(display, "mousemove", str(place), str(place), "sleep", "0.1")
                _x(display, "mouseup", "1")
                _wait_for("an entry in the history", lambda: _entries(folder) > 0, process)
            finally:
                source.terminate()
    return "an image was dropped, judged and is in the history"


def _entries(data: Path) -> int:
    history = data / "history.sqlite3"
    if not history.exists():
        return 0
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(history)) as connection:
        return int(connection.execute("SELECT count(*) FROM screening").fetchone()[0])
    return 0


def no_network(program: Path, images: list[Path], folder: Path) -> str:
    """In a network namespace without interfaces."""
    _need_root("unshare")
    _run(Path("unshare"), "--net", str(program), "--self-test", data=folder)
    return "self-test passed"


def read_only_installation(program: Path, images: list[Path], folder: Path) -> str:
    _need_root("mount")
    place = folder / "program"
    place.mkdir()
    with _mounted("--bind", str(program.parent), str(place)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
        return _run(place / program.name, "--self-test", data=folder / "data").stdout.splitlines()[-1]


def home_that_is_not_writable(program: Path, images: list[Path], folder: Path) -> str:
    """Results are given, and that they are not recorded is said."""
    with _small_disk(folder / "home", "ro,size=1m") as home:
        return _not_recorded(program, images[0], data="", HOME=str(home), XDG_DATA_HOME="")


def full_disk(program: Path, images: list[Path], folder: Path) -> str:
    with _small_disk(folder / "full", "size=64k") as place:
        with contextlib.suppress(OSError), (place / "filler").open("wb") as filler:
            filler.write(bytes(1 << 20))
        return _not_recorded(program, images[0], data=place)


def _not_recorded(program: Path, image: Path, *, data: Path | str, **environment: str) -> str:
    done = _run(program, "classify", str(image), "--although-unfamiliar", data=data, status=1, **environment)
    if not any(number > 0 for number in _probabilities(done.stdout).values()):
        raise ValueError(f"no number was given: {(done.stdout + done.stderr).strip()[-500:]}")
    return _said(done.stderr, "not recorded")


CHECKS: tuple[Callable[[Path, list[Path], Path], str], ...] = (
    self_test,
    no_display,
    classify,
    names_in_any_script,
    window,
    drop,
    no_network,
    read_only_installation,
    home_that_is_not_writable,
    full_disk,
)


def _run(
    program: Path, *arguments: str, data: Path | str, display: str | None = None, status: int | None = 0, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the program with a data folder of its own ("": the user's), and `more` in its environment.

    Raises `ValueError` where its exit status is another (None: any).
    """
    environment = _environment(data, display) | more
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, timeout=SECONDS)
    if status is not None and done.returncode != status:
        raise ValueError(f"exit status {done.returncode}, not {status}: {(done.stdout + done.stderr).strip()[-500:]}")
    return done


def _environment(data: Path | str, display: str | None) -> dict[str, str]:
    environment = {**os.environ, "MELASCREEN_DATA": str(data)}
    if display is not None:
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            environment.pop(name, None)
        if display:
            environment["DISPLAY"] = display
    return environment


def _probabilities(table: str) -> dict[str, float]:
    rows = csv.DictReader(io.StringIO(table))
    return {row["path"]: float(row["melanoma_probability"] or -1) for row in rows}


def _said(text: str, wanted: str) -> str:
    line = next((line for line in text.splitlines() if wanted in line), None)
    if line is None:
        raise ValueError(f"nothing was said of {wanted!r}: {text.strip()[-300:]}")
    return line.strip()


def _need_root(command: str) -> None:
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which(command):
        raise SkippedError(f"needs Linux, root and {command}")


@contextlib.contextmanager
def _small_disk(place: Path, options: str) -> Iterator[Path]:
    _need_root("mount")
    place.mkdir()
    with _mounted("-t", "tmpfs", "-o", options, "none", str(place)):
        yield place


@contextlib.contextmanager
def _mounted(*arguments: str) -> Iterator[None]:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise SkippedError(f"mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", arguments[-1]], check=True)


@contextlib.contextmanager
def _window(
    program: Path, images: list[Path], data: Path, *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program with its window on a screen of its own, and that screen's name."""
    if images[0].name == "drawn.png":
        raise SkippedError("the model refuses what is drawn by code")
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        raise SkippedError("needs Xvfb and xdotool")
    display = ":97"
    server_command = ["Xvfb", display, "-screen", "0", "1280x900x24"]
    with subprocess.Popen(server_command, stderr=subprocess.DEVNULL) as server:
        try:
            time.sleep(2)
            environment = _environment(data, display)
            with subprocess.Popen([program, *arguments], env=environment, stderr=subprocess.PIPE, text=True) as process:
                try:
                    yield process, display
                finally:
                    process.terminate()
        finally:
            server.terminate()


def _shown(display: str, process: int) -> list[str]:
    """The windows of a process that are to be seen."""
    return _x(display, "search", "--all", "--onlyvisible", "--pid", str(process), "--name", ".", status=None).split()


def _x(display: str, *words: str, status: int | None = 0) -> str:
    """What xdotool prints."""
    done = subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": display}, capture_output=True, text=True)
    if status is not None and done.returncode != status:
        raise ValueError(f"xdotool {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _wait_for(what: str, there: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not there():
        if process.poll() is not None:
            raise ValueError(f"the program ended: {process.stderr.read()[-500:] if process.stderr else ''}")
        if time.monotonic() > until:
            raise ValueError(f"within a minute there was not {what}")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
