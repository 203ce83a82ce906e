from __future__ import annotations

import logging

import pytest

from training.__main__ import logged_to_stdout


def test_what_the_training_logs_stands_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("training.trainer.fit")
    before = logging.getLogger("training").handlers[:]
    with logged_to_stdout():
        log.info("%s %d/%d: loss %.4f", "frozen", 1, 2, 0.5)
    log.info("nobody listens")
    given = capsys.readouterr()
    assert (given.out, given.err) == ("frozen 1/2: loss 0.5000\n", "")
    assert logging.getLogger("training").handlers == before
