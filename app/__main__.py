"""The program's entry: the window, or `classify` and `--self-test` without one."""

from __future__ import annotations

import argparse
import gc
import io
import multiprocessing
import os
import sys
import time
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the program with the given arguments (the process's own by default); returns the exit status."""
    began = time.perf_counter()
    multiprocessing.freeze_support()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: a batch's threads would fight over the cores
    _ensure_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["classify"]:
        from app.cli import classify  # each way imports only what it needs: a start is quick
        from app.core.system import log

        try:
            return classify.main(arguments[1:])
        except Exception as error:
            log.LOGGER.exception(log.Event.UNHANDLED, error)
            raise
    options = _parser().parse_args(arguments)
    if options.version:
        from app.core.system.version import version

        print(f"MelaScreen {version()}")  # noqa: T201 - this is the command's output
        return 0
    if options.self_test:
        from app.cli import self_test
        from app.core.system import paths

        return self_test.main(options.model or paths.bundled_model())
    from app.core.system.display import NO_DISPLAY, has_display

    if not has_display():
        print(f"melascreen: {NO_DISPLAY}", file=sys.stderr)  # noqa: T201
        return 2
    sys.setswitchinterval(0.001)  # seconds: the window gets Python's lock sooner from a thread that computes
    gc.disable()  # almost nothing that a start makes is garbage: searching it takes a tenth of the time to the window
    from app.bootstrap import run_window

    return int(run_window(options.images, options.model, began=began))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="melascreen",
        description="Screen dermoscopy images for melanoma. It supports a clinical decision and does not replace it.",
        epilog="Without a window: `melascreen classify --help`.",
    )
    parser.add_argument("images", nargs="*", type=Path, metavar="IMAGE", help="open these images or folders")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="use this model bundle, not the chosen one")
    parser.add_argument("--version", action="store_true", help="print the version and end")
    parser.add_argument("--self-test", action="store_true", help="check this copy of the program and end")
    return parser


def _ensure_streams() -> None:
    """Without a console there are no output streams, and what is printed goes nowhere; others may lack a letter."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the program's whole life
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):  # on Windows, a pipe is not UTF-8
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
