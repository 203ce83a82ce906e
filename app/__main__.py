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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.domain.patient import Patient

LONGEST_IDENTIFIER = 200


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
    parser = _parser()
    options = parser.parse_args(arguments)
    patient = _patient_of(options, parser)
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

    return int(run_window(options.images, options.model, patient=patient, began=began))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="melascreen",
        description="Screen dermoscopy images for melanoma. It supports a clinical decision and does not replace it.",
        epilog="Without a window: `melascreen classify --help`.",
    )
    parser.add_argument("images", nargs="*", type=Path, metavar="IMAGE", help="open these images or folders")
    parser.add_argument("--patient", metavar="ID", help="open this patient; new images are noted there")
    parser.add_argument("--birth-year", metavar="YEAR", help="the patient's year of birth")
    parser.add_argument("--sex", metavar="SEX", help="the patient's sex: female, male or other")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="use this model bundle, not the chosen one")
    parser.add_argument("--version", action="store_true", help="print the version and end")
    parser.add_argument("--self-test", action="store_true", help="check this copy of the program and end")
    return parser


def _patient_of(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Patient | None:
    """The patient whom the command line names, or none. Ends the program with status 2 where a value is bad."""
    if options.patient is None:
        if options.birth_year is not None or options.sex is not None:
            parser.error("--birth-year and --sex need --patient")
        return None

    from app.core.domain import times
    from app.core.domain.patient import EARLIEST_BIRTH, Patient, Sex

    identifier = options.patient.strip()
    if not identifier:
        parser.error("--patient is empty: give the patient's identifier")
    if not identifier.isprintable() or len(identifier) > LONGEST_IDENTIFIER:
        parser.error(f"--patient takes up to {LONGEST_IDENTIFIER} printable characters")
    year, sex, today = options.birth_year, options.sex, times.today()
    known = year is None or (len(year) == 4 and year.isdecimal() and EARLIEST_BIRTH <= int(year) <= today.year)
    if not known:
        parser.error(f"--birth-year takes a year from {EARLIEST_BIRTH} to {today.year}, not {year!r}")
    if sex is not None and sex not in set(Sex):
        parser.error(f"--sex takes {', '.join(Sex)}, not {sex!r}")
    return Patient(identifier, None if year is None else int(year), None if sex is None else Sex(sex))


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
