from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.__main__ import main as melascreen_train
from training.data.examples import Example
from training.data.splits import split_by_lesion
from training.errors import DataError
from training.export.cross_validation import cross_validate, folds_by_lesion, folds_by_source
from training.recipe import load_recipe
from training.trainer.run import Run


@pytest.fixture
def examples() -> list[Example]:
    random = np.random.default_rng(0)
    lesions = [(f"L{n}", int(random.random() < 0.3), str(random.choice(["A", "B", "C"]))) for n in range(400)]
    chosen = [lesions[i] for i in random.integers(0, len(lesions), 900)]
    return split_by_lesion(
        [Example(f"i{n}", "", m, lesion, source=s) for n, (lesion, m, s) in enumerate(chosen)], seed=1
    )


def test_by_source_leaves_each_out_whole_and_never_the_test_split(examples: list[Example]) -> None:
    original = {example.image: example for example in examples}
    folds = folds_by_source(examples)
    assert [fold.name for fold in folds] == ["A", "B", "C"]
    for fold in folds:
        for example in fold.examples:
            before = original[example.image]
            assert before.split != "test"
            assert example.split == ("test" if example.source == fold.name else before.split)


def test_by_source_leaves_out_what_shares_a_group_and_measures_the_main_collection(examples: list[Example]) -> None:
    twin = replace(next(e for e in examples if e.source == "B"), image="twin", group="G", split="train")
    own = [
        Example(f"D{n}", "", n % 2, f"D{n}", group="G" if n == 0 else "", source="D", split="train",
                collection="main" if n < 40 else "A")
        for n in range(60)
    ]  # fmt: skip
    (fold,) = [fold for fold in folds_by_source([*examples, twin, *own]) if fold.name == "D"]
    left_out = {e.image for e in fold.examples if e.split == "test"}
    assert left_out == {f"D{n}" for n in range(40)}
    others = {e.image for e in fold.examples} - left_out
    assert others == {e.image for e in examples if e.split != "test"}


def test_a_source_of_one_class_is_not_left_out(examples: list[Example]) -> None:
    benign = [Example(f"E{n}", "", 0, f"E{n}", source="E", split="train") for n in range(20)]
    folds = folds_by_source([*examples, *benign])
    assert [fold.name for fold in folds] == ["A", "B", "C"]
    assert all({e.image for e in benign} <= {e.image for e in fold.examples} for fold in folds)


def test_by_lesion_leaves_every_image_out_once(examples: list[Example]) -> None:
    folds = folds_by_lesion(examples, 4, seed=2)
    left_out = Counter(e.image for fold in folds for e in fold.examples if e.split == "test")
    assert left_out == Counter(e.image for e in examples if e.split != "test")
    for fold in folds:
        sides = {(e.lesion_id, e.split) for e in fold.examples}
        assert max(Counter(lesion for lesion, _ in sides).values()) == 1
        counts = Counter(e.split for e in fold.examples)
        assert counts["test"] / counts.total() == pytest.approx(0.25, abs=0.03)
        assert counts["val"] / counts.total() == pytest.approx(0.25, abs=0.03)


def test_too_few_folds_or_sources(examples: list[Example]) -> None:
    with pytest.raises(DataError, match="three"):
        folds_by_lesion(examples, 2, seed=2)
    with pytest.raises(DataError, match="two or more"):
        folds_by_source([e for e in examples if e.source == "A"])


def test_the_command_trains_and_measures_every_fold(
    table: Path, recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = tmp_path / "quick.toml"
    text = recipe_file.read_text()
    quick.write_text(text[: text.index("[[phases]]")] + text[text.rindex("[[phases]]") :])
    arguments = ["cross-validate", "--folds", "3", "--recipe", str(quick), "--data", str(table)]
    assert melascreen_train([*arguments, "--run", str(tmp_path / "run")]) == 0
    notified = capsys.readouterr().out
    report = json.loads((tmp_path / "run" / "cross-validation-by-lesion.json").read_text())
    assert [fold["name"] for fold in report["folds"]] == ["fold-1", "fold-2", "fold-3"]
    assert sum(fold["images"] for fold in report["folds"]) == 108  # of 120, 12 are the test split
    assert report["mean_auroc"] == pytest.approx(np.mean([fold["auroc"]["value"] for fold in report["folds"]]))
    assert f"mean AUROC    {report['mean_auroc']:.4f}" in notified
    logs = {path: path.read_bytes() for path in (tmp_path / "run").glob("folds/*/epochs.csv")}
    assert melascreen_train([*arguments, "--run", str(tmp_path / "run")]) == 0  # taken up again: nothing is done twice
    assert {path: path.read_bytes() for path in logs} == logs


def test_another_division_has_folders_of_its_own(examples: list[Example]) -> None:
    """Else a model would be measured on images that it was trained on."""
    divisions = [folds_by_lesion(examples, 3, seed=2), folds_by_lesion(examples, 4, seed=2), folds_by_source(examples)]
    folders = [fold.folder for folds in divisions for fold in folds]
    assert len(set(folders)) == 10
    assert folds_by_lesion(examples, 3, seed=2)[0].folder == folders[0]


def test_a_source_that_nothing_can_be_learned_without_is_named_before_anything_is_trained(
    examples: list[Example],
) -> None:
    benign = [e for e in examples if e.source == "B" or not e.melanoma]
    with pytest.raises(DataError, match="Without B"):
        cross_validate(load_recipe("quick"), Run(Path("nowhere")), folds_by_source(benign))
