from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.__main__ import main
from app.core.domain.results import Rejection
from app.core.exchange import table as exchange_table
from app.core.history.repository import EntryRepository
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.model.library import ModelLibrary
from app.core.screening.pipeline import FORCED_WARNINGS, REASONS, UNLIKE_TRAINING_WARNING, screen_file
from app.core.system import paths
from app.core.system.paths import UserData
from app.core.system.settings import Settings, save_settings
from tests.conftest import NAMES
from tests.factories import FAR, with_detector, with_gate, with_other_cancers, write_bundle

COLUMNS = (
    "path,status,advice,prediction,melanoma_probability,confidence,threshold,lowest_probability,highest_probability,"
    "stability,unfamiliarity,dermoscopy_probability,other_cancer_probability,other_cancer_threshold,"
    "diagnosis_1,diagnosis_1_probability,diagnosis_2,diagnosis_2_probability,diagnosis_3,diagnosis_3_probability,"
    "model,model_version,warnings,error,code,sha256"
)


def rows(file: Path) -> list[dict[str, str]]:
    text = file.read_text(encoding="utf-8")
    assert text.splitlines()[0] == COLUMNS
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(autouse=True)
def takes_drawn_pictures(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within this process, the program's own model refuses nothing as unfamiliar."""
    monkeypatch.setattr(paths, "bundled_model", lambda: model)


@pytest.fixture
def images(image_file: Callable[..., Path]) -> list[Path]:
    return [image_file(f"{name}.png", radius=40 + 10 * number) for number, name in enumerate(NAMES)]


def test_a_row_an_image_in_the_order_given(images: list[Path], tmp_path: Path, classifier: Classifier) -> None:
    table = tmp_path / "out.csv"
    given = images[::-1]
    assert main(["classify", *map(str, given), "--csv", str(table), "--no-history"]) == 0
    for row, path in zip(rows(table), given, strict=True):
        expected = screen_file(path, classifier)
        assert expected.prediction is not None
        assert row["path"] == str(path)
        assert (row["status"], row["error"], row["sha256"]) == ("ok", "", expected.sha256)
        assert float(row["melanoma_probability"]) == pytest.approx(expected.prediction.melanoma_probability, abs=1e-6)
        assert row["prediction"] == expected.prediction.label
        probability = float(row["melanoma_probability"])
        confidence = probability if row["prediction"] == "melanoma" else 1 - probability
        assert float(row["confidence"]) == pytest.approx(confidence, abs=2e-6)
        assert float(row["threshold"]) == pytest.approx(classifier.card.operating_point.threshold, abs=1e-6)
        assert (row["model"], row["model_version"]) == (classifier.card.name, classifier.card.version)


def test_the_model_that_is_chosen_in_the_window_is_used_or_none(
    images: list[Path], tmp_path: Path, model: Path, user_data: UserData, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "out.csv"
    other = Path(shutil.copytree(model, tmp_path / "other"))
    card = json.loads((other / "card.json").read_text())
    (other / "card.json").write_text(json.dumps(card | {"version": "other"}))
    installed = ModelLibrary(user_data.models, model).install(other)
    save_settings(Settings(model=installed.name), user_data.settings)
    assert main(["classify", str(images[0]), "--csv", str(table)]) == 0
    assert rows(table)[0]["model_version"] == "other"
    assert main(["classify", str(images[0]), "--csv", str(table), "--model", str(model)]) == 0
    assert rows(table)[0]["model_version"] == card["version"]
    shutil.rmtree(user_data.models)
    assert main(["classify", str(images[0])]) == 2
    assert "There is no model in" in capsys.readouterr().err


def test_failed_images_are_rows_with_reasons(
    images: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, table = tmp_path / "broken.jpg", tmp_path / "out.csv"
    broken.write_bytes(b"\xff\xd8\xff\xe0 cut short")
    given = [images[0], broken, tmp_path / "gone.jpg", images[1]]
    assert main(["classify", *map(str, given), "--csv", str(table)]) == 1
    result = rows(table)
    assert [row["status"] for row in result] == ["ok", "failed", "failed", "ok"]
    for row in result[1:3]:
        assert row["error"].endswith(".")
        assert not any(row[column] for column in ("prediction", "melanoma_probability", "confidence", "threshold"))
    assert result[1]["sha256"]
    assert not result[2]["sha256"]
    assert "2 of 4" in capsys.readouterr().err


def test_a_path_that_cannot_be_looked_at_costs_no_other(images: list[Path], tmp_path: Path) -> None:
    table = tmp_path / "out.csv"
    long = tmp_path / ("x" * 300 + ".jpg")
    assert main(["classify", str(long), str(images[0]), "--csv", str(table)]) == 1
    assert [row["status"] for row in rows(table)] == ["failed", "ok"]


def test_json_says_the_same(images: list[Path], tmp_path: Path) -> None:
    table, objects = tmp_path / "out.csv", tmp_path / "out.json"
    gone = tmp_path / "gone.jpg"
    assert main(["classify", *map(str, images), str(gone), "--csv", str(table), "--json", str(objects)]) == 1
    read = json.loads(objects.read_text(encoding="utf-8"))
    assert [list(entry) for entry in read] == [list(exchange_table.COLUMNS)] * len(read)
    for row, entry in zip(rows(table), read, strict=True):
        assert row["path"] == entry["path"]
        assert row["melanoma_probability"] == (
            "" if entry["melanoma_probability"] is None else str(entry["melanoma_probability"])
        )
    assert read[-1]["melanoma_probability"] is None
    assert [row["warnings"] for row in rows(table)] == ["; ".join(entry["warnings"]) for entry in read]
    assert any("blurred" in warning for warning in read[0]["warnings"])  # the drawing has no fine detail


def test_folders(image_file: Callable[..., Path], tmp_path: Path) -> None:
    card = tmp_path / "card"
    image_file("b.png", folder=card)
    image_file("a.png", folder=card)
    image_file("c.png", folder=card / "sub")
    (card / "notes.txt").touch()
    table = tmp_path / "out.csv"
    assert main(["classify", str(card), "--csv", str(table)]) == 0
    assert [Path(row["path"]).name for row in rows(table)] == ["a.png", "b.png"]
    assert main(["classify", str(card), "--recursive", "--csv", str(table)]) == 0
    assert [Path(row["path"]).name for row in rows(table)] == ["a.png", "b.png", "c.png"]


def test_history(images: list[Path], user_data: UserData, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.jpg")
    table = ["--csv", str(tmp_path / "out.csv")]
    main(["classify", *map(str, images), gone, *table, "--no-history"])
    assert not user_data.history.exists()
    main(["classify", *map(str, images), gone, *table])
    assert [entry.screening.path for entry in EntryRepository(user_data.history).entries()] == images[::-1]


def test_history_that_cannot_be_written_is_said_and_the_table_is_there(
    images: list[Path], user_data: UserData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user_data.folder.parent.mkdir(parents=True)
    user_data.folder.touch()
    table = tmp_path / "out.csv"
    assert main(["classify", *map(str, images), "--csv", str(table)]) == 1
    assert capsys.readouterr().err.count("not recorded") == 1
    assert [row["status"] for row in rows(table)] == ["ok"] * len(images)


def test_without_a_model_nothing_is_written(
    images: list[Path], tmp_path: Path, user_data: UserData, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "out.csv"
    assert main(["classify", str(images[0]), "--csv", str(table), "--model", str(tmp_path)]) == 2
    assert "no model" in capsys.readouterr().err
    assert not table.exists()
    assert not user_data.history.exists()


def test_wrong_usage(tmp_path: Path, images: list[Path]) -> None:
    for wrong in (["classify"], ["classify", "--nonsense", "a.jpg"], ["--nonsense"]):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["classify", str(empty)]) == 2
    assert main(["classify", str(images[0]), "--csv", str(tmp_path / "nowhere" / "out.csv")]) == 2


def test_table_stays_whole_when_the_new_one_cannot_be_written(
    images: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "out.csv"
    assert main(["classify", str(images[0]), "--csv", str(table)]) == 0
    before = table.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device", str(table))

    monkeypatch.setattr(os, "fsync", full)
    assert main(["classify", *map(str, images), "--csv", str(table), "--no-history"]) == 2
    assert table.read_bytes() == before
    assert not list(tmp_path.glob("*.partial"))


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, timeout=120)


def test_without_an_option_the_table_goes_to_the_output(images: list[Path], model: Path) -> None:
    done = run("classify", str(images[0]), "--model", str(model))
    assert done.returncode == 0
    header, row, *rest = done.stdout.splitlines()
    assert header == COLUMNS
    assert row.startswith(f"{images[0]},ok,")
    assert not rest


@pytest.mark.parametrize("gate", [False, True])
def test_what_is_no_dermoscopy_is_a_row_with_a_reason_unless_the_number_is_asked_for(
    images: list[Path], model: Path, tmp_path: Path, gate: bool
) -> None:
    table = tmp_path / "out.csv"
    bundle = load_bundle(model)
    refusing = write_bundle(with_gate(bundle, 0.25) if gate else with_detector(bundle, FAR), tmp_path / "refusing")
    common = ["classify", str(images[0]), "--csv", str(table), "--model", str(refusing)]
    assert main(common) == 1
    (refused,) = rows(table)
    assert (refused["status"], refused["melanoma_probability"], refused["prediction"]) == ("refused", "", "")
    reason = Rejection.NOT_DERMOSCOPY if gate else Rejection.OUT_OF_DISTRIBUTION
    assert refused["error"] == REASONS[reason]
    assert refused["dermoscopy_probability"] == ("0.25" if gate else "")
    assert gate or float(refused["unfamiliarity"]) > 1
    assert main([*common, "--although-unfamiliar", "--stability"]) == 0
    (insisted,) = rows(table)
    assert (insisted["status"], insisted["prediction"], insisted["confidence"]) == ("unfamiliar", "", "")
    assert insisted["warnings"].startswith(FORCED_WARNINGS[reason])
    assert float(insisted["lowest_probability"]) <= float(insisted["melanoma_probability"])
    assert insisted["stability"] in ("steady", "unsteady")


def test_with_a_gate_what_is_unlike_the_training_is_answered_with_a_warning(
    images: list[Path], model: Path, tmp_path: Path
) -> None:
    table, bundle = tmp_path / "out.csv", load_bundle(model)
    with_both = with_other_cancers(with_gate(with_detector(bundle, FAR), 0.875), 0.125)
    folder = write_bundle(with_both, tmp_path / "gated")
    assert main(["classify", str(images[0]), "--csv", str(table), "--model", str(folder)]) == 0
    (row,) = rows(table)
    assert (row["status"], row["dermoscopy_probability"]) == ("ok", "0.875")
    assert row["prediction"]
    assert float(row["unfamiliarity"]) > 1
    assert row["warnings"].startswith(UNLIKE_TRAINING_WARNING)
    assert 0 < float(row["other_cancer_probability"]) <= 1 - float(row["melanoma_probability"])
    assert row["other_cancer_threshold"] == "0.125"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("MelaScreen 0.")


def test_self_test() -> None:
    done = run("--self-test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "ok      model",
        "ok      classification",
        "ok      history",
        "ok      exports",
        "ok      window",
    ]


def test_self_test_fails_where_the_network_gives_something_else(model: Path, tmp_path: Path) -> None:
    for file in model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    card = json.loads((tmp_path / "card.json").read_text())
    card["self_test_probability"] = 0.5
    (tmp_path / "card.json").write_text(json.dumps(card))
    done = run("--self-test", "--model", str(tmp_path))
    assert done.returncode == 1
    assert "FAILED  classification" in done.stdout


def test_self_test_fails_where_the_window_does() -> None:
    code = """
import sys
from app.core.model.classifier import Classifier
from app.ui.screen.screen_page import ScreenPage
def broken(self): raise ValueError("broken page")
ScreenPage.show_model = broken
from app.__main__ import main
sys.exit(main(["--self-test"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "FAILED  broken page" in done.stdout


def test_a_name_that_the_output_has_no_letters_for_is_escaped(tmp_path: Path) -> None:
    done = run("--self-test", "--model", str(tmp_path / "модель"), PYTHONIOENCODING="latin-1")
    assert done.returncode == 1
    assert "FAILED" in done.stdout
    assert r"\u043c\u043e\u0434\u0435\u043b\u044c" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is one")
def test_without_a_display_the_other_way_is_named() -> None:
    done = run(QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert done.returncode == 2
    assert "melascreen classify" in done.stderr
    done = run(QT_QPA_PLATFORM="", DISPLAY=":4711", WAYLAND_DISPLAY="")
    assert done.returncode == 2
    assert "melascreen classify" in done.stderr


WITHOUT_SOCKETS = """
import sys
def deny(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
        raise RuntimeError(f"the program reached for the network: {event} {arguments}")
sys.addaudithook(deny)
from app.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("what", ["classify", "--self-test"])
def test_no_network(what: str, images: list[Path], model: Path) -> None:
    """Every socket is denied, and the program, its window included, does not notice."""
    arguments = [what, *map(str, images), "--model", str(model)] if what == "classify" else [what]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SOCKETS, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_tensorflow_is_not_imported(images: list[Path]) -> None:
    code = "import sys; from app.__main__ import main; main(sys.argv[1:]); assert 'tensorflow' not in sys.modules"
    for arguments in (["classify", str(images[0])], ["--self-test"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
