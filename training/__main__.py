"""`melascreen-train`: one command a step, and `all` for the whole way from labelled images to a bundle.

TensorFlow is imported by the steps that need it, so that a wrong option is told at once.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.domain.errors import MelaScreenError
from training.commands.parser import make_parser
from training.errors import TrainingError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its errors; not what it has to say of the processor


def main(arguments: list[str] | None = None) -> int:
    """Run a step. Returns the exit status: 0, 1 for data or a recipe that can't be used, 2 for wrong usage."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name in any script
    options = make_parser().parse_args(arguments)
    with logged_to_stdout():
        try:
            return int(options.step(options))
        except (TrainingError, MelaScreenError, OSError) as error:
            print(f"melascreen-train: {error}", file=sys.stderr)
            return 1


@contextmanager
def logged_to_stdout() -> Iterator[None]:
    """Within it, what the training's modules log stands on standard output, a line a record, without date or level."""
    logger, handler = logging.getLogger("training"), logging.StreamHandler(sys.stdout)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


if __name__ == "__main__":
    sys.exit(main())
