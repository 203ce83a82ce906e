"""Warnings in few words, beside a result and in a list."""

from __future__ import annotations

import string

import pytest

from app.core.domain.messages import TEMPLATES, Message
from app.ui.look.icons import icon
from app.ui.services import warnings
from app.ui.services.warnings import ShortWarning, short_warning

WORDS = warnings._known()


@pytest.mark.parametrize("code", WORDS)
def test_a_warning_is_known_now_and_as_the_history_gives_it_back(code: str) -> None:
    names = [name for _, name, _, _ in string.Formatter().parse(TEMPLATES[code]) if name]
    message = Message(code, **dict.fromkeys(names, 100))
    assert short_warning(message) == ShortWarning(*WORDS[code], message)
    assert short_warning(str(message)) == short_warning(message)
    assert len(WORDS[code][0]) < len(message)


@pytest.mark.parametrize("name", {name for _, name in WORDS.values()} | {"triangle-alert"})
def test_each_sign_can_be_drawn(qapp: object, name: str) -> None:
    assert not icon(name).pixmap(18, 18).isNull()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a ruler; perhaps", "a ruler"),
        ("The picture is odd. Take another one.", "The picture is odd"),
        ("Its colours: too bright.", "Its colours"),
        ("ещё", "ещё"),
    ],
)
def test_an_unknown_warning_is_told_by_how_it_begins(text: str, words: str) -> None:
    assert short_warning(text) == ShortWarning(words, "triangle-alert", text)
