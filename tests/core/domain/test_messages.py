from __future__ import annotations

import ast
import copy
import json
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.domain.errors import BundleError, ImageError, ImageProblem, MelaScreenError
from app.core.domain.messages import PLAIN, TEMPLATES, Message, code_of

CORE = Path(__file__).parents[3] / "app" / "core"
MESSAGES = CORE / "domain" / "messages.py"
SAID = ("error", "warnings")
"""Keywords under which a reason or a warning is handed on."""


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Each call in the core: its place, itself and the name of what is called."""
    for file in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                yield f"{file.relative_to(CORE)}:{node.lineno}", node, name


def messages() -> Iterator[tuple[str, ast.Call]]:
    return ((place, call) for place, call, name in calls() if name == "Message")


def error_names() -> set[str]:
    """The program's own errors: `MelaScreenError` and all that are made from it."""
    bases: dict[str, set[str]] = {}
    for file in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {base.id for base in node.bases if isinstance(base, ast.Name)}
    names = {"MelaScreenError"}
    while more := {name for name, own in bases.items() if own & names} - names:
        names |= more
    return names


def holds_text(node: ast.AST) -> bool:
    """Whether there is a text in an expression that is neither in a `Message` nor a key by which one is looked up."""
    if isinstance(node, ast.Subscript):
        return holds_text(node.value)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("Message", "get"):
            return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value != ""
    return any(holds_text(child) for child in ast.iter_child_nodes(node))


def fields(template: str) -> dict[str, str]:
    """The parameters of a template with their formats."""
    return {name: spec or "" for _, name, spec, _ in string.Formatter().parse(template) if name}


def test_no_sentence_of_the_core_is_without_a_code() -> None:
    errors = error_names()
    assert {"ImageError", "BundleError", "HistoryError", "ScaleError", "BatchInterruptedError"} <= errors
    found = []
    for place, call, name in calls():
        said: list[ast.AST] = [keyword.value for keyword in call.keywords if keyword.arg in SAID]
        if name in errors or (name == "append" and "warnings" in ast.unparse(call.func)):
            said += call.args
        found += [place for argument in said if holds_text(argument)]
    assert not found


def test_each_message_has_a_code_and_the_parameters_of_its_template() -> None:
    used = {PLAIN}
    for place, call in messages():
        if not isinstance(call.args[0], ast.Constant):  # one that is given on
            continue
        code = call.args[0].value
        assert code in TEMPLATES, place
        assert {keyword.arg for keyword in call.keywords} == set(fields(TEMPLATES[code])), place
        used.add(code)
    assert used == set(TEMPLATES)


@pytest.mark.parametrize("code", TEMPLATES)
def test_each_template_is_a_sentence_of_its_parameters(code: str) -> None:
    values = {name: 1234.5 if spec else "what" for name, spec in fields(TEMPLATES[code]).items()}
    message = Message(code, **values)
    assert (message.code, message.parameters) == (code, values)
    assert "{" not in message
    assert all(str(value) in message for value in values.values() if isinstance(value, str))
    assert code == PLAIN or message.rstrip("…").endswith((".", "?", "what"))
    assert code == code.lower()
    assert " " not in code


def test_a_message_is_its_english_text() -> None:
    message = Message("image-too-small", width=40, height=30, least=64)
    text = "The picture is too small: 40×30 pixels (at least 64 on each side are needed)."
    assert message == text
    assert type(str(message)) is str
    assert json.dumps([message], ensure_ascii=False) == f'["{text}"]'
    assert repr(message) == "Message('image-too-small', {'width': 40, 'height': 30, 'least': 64})"
    assert Message("file-too-large", megabytes=1234.5, most=1000) == (
        "The file is too large: 1,234 MB (at most 1,000 MB)."
    )


def test_paths_and_errors_are_kept_as_their_text() -> None:
    message = Message("model-card-unreadable", file=Path("card.json"), cause=OSError("broken"))
    assert message == "The model's card card.json can't be read: broken."
    assert message.parameters == {"file": "card.json", "cause": "broken"}


def test_an_unknown_code_and_a_missing_parameter_are_mistakes() -> None:
    for code in ("no-such-code", "file-unreadable"):
        with pytest.raises(KeyError):
            Message(code)


def test_a_message_may_have_another_as_a_parameter() -> None:
    reason = Message("model-too-large", megabytes=100)
    whole = Message("model-not-installed", name="a.zip", reason=reason)
    assert whole == "a.zip was not installed. The model is too large: more than 100 MB."
    kept = whole.parameters["reason"]
    assert isinstance(kept, Message)
    assert kept.code == "model-too-large"


def test_messages_and_errors_go_to_other_processes_and_copies_whole() -> None:
    message = Message("dicom-bits", bits=32)
    for same in (pickle.loads(pickle.dumps(message)), copy.deepcopy(message)):
        assert (same, same.code, same.parameters) == (message, "dicom-bits", {"bits": 32})
    for error in (BundleError(message), ImageError(ImageProblem.UNSUPPORTED, message)):
        same_error = pickle.loads(pickle.dumps(error))
        assert type(same_error) is type(error)
        assert vars(same_error) == vars(error)
        assert same_error.message.code == "dicom-bits"


def test_an_error_says_its_message() -> None:
    error = ImageError(ImageProblem.EMPTY, Message("file-empty"))
    assert str(error) == "The file is empty."
    assert error.message.code == "file-empty"
    assert error.problem is ImageProblem.EMPTY


def test_a_text_of_the_window_has_no_code_of_its_own() -> None:
    error = MelaScreenError("Es wurde keine Läsion {gefunden}.")
    assert str(error) == "Es wurde keine Läsion {gefunden}."
    assert error.message.code == PLAIN


@pytest.mark.parametrize("code", TEMPLATES)
def test_the_code_of_a_message_is_its_own(code: str) -> None:
    values = {name: 1234.5 if spec else "what" for name, spec in fields(TEMPLATES[code]).items()}
    assert code_of(Message(code, **values)) == code


OF_RESULTS = ("quality-", "artifact-", "orientation-", "out-of-", "not-dermoscopy", "unlike-", "inconsistent")
"""How the codes begin of what the history keeps with results."""


@pytest.mark.parametrize("code", [code for code in TEMPLATES if code.startswith(OF_RESULTS)])
def test_a_text_that_the_history_gave_back_is_known_by_its_words(code: str) -> None:
    text = str(Message(code, **dict.fromkeys(fields(TEMPLATES[code]), 100)))
    assert not isinstance(text, Message)
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("image-too-small", {"width": 40, "height": 30, "least": 64}),
        ("jpeg-bits", {"bits": 12}),
        ("file-too-large", {"megabytes": 1234.5, "most": 1000}),
    ],
)
def test_a_text_with_parameters_is_known_by_how_it_begins(code: str, values: dict[str, object]) -> None:
    assert code_of(str(Message(code, **values))) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Es wurde keine Läsion {gefunden}.",
        "a ruler; perhaps",  # of a history of an earlier version
        f"{TEMPLATES['quality-blurred']} Or so.",  # more than the sentence is another one
        TEMPLATES["quality-blurred"][:20],
        Message(PLAIN, text=TEMPLATES["quality-blurred"]),  # said by somebody else
    ],
)
def test_any_other_text_has_no_code_of_its_own(text: str) -> None:
    assert code_of(text) == PLAIN
