from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.imaging import decode
from training.data import (
    Example,
    Prepared,
    check_splits,
    divide,
    divide_images,
    draw,
    load_pictures,
    load_source,
    prepare,
    subset,
)
from training.errors import DataError


def resized(path: Path, side: int) -> np.ndarray:
    image = Image.fromarray(decode(path.read_bytes()).rgb)
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))


def test_folders(folders: Path) -> None:
    examples = load_source(folders)
    assert Counter(example.melanoma for example in examples) == {1: 20, 0: 41}
    assert {example.diagnosis for example in examples} == {"Melanoma", "nevus"}
    assert all(example.lesion_id == example.image for example in examples)


def test_table(table: Path) -> None:
    examples = load_source(table)
    assert examples == load_source(table / "metadata.csv")
    assert len(examples) == 120
    assert examples[3].lesion_id == "L1"
    assert Path(examples[3].path) == table / "images" / "I003.jpg"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("image,label\na,1\n", "melanoma"),
        ("image,melanoma\na,1\nb,yes\n", "line 3"),
        ("image,melanoma,split\na,1,train\nb,0,elsewhere\n", "elsewhere"),
        ("image,melanoma\nab,1\nab,0\n", "same id, ab"),
        ("image,melanoma\na,1\nb,1\n", "both classes"),
    ],
)
def test_table_that_cannot_be_used(tmp_path: Path, content: str, word: str) -> None:
    (tmp_path / "metadata.csv").write_text(content)
    with pytest.raises(DataError, match=word):
        load_source(tmp_path)


def test_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such"):
        load_source(tmp_path / "nowhere")


def test_prepare_resizes_and_lists_what_it_left_out(folders: Path, tmp_path: Path) -> None:
    prepared = Prepared(tmp_path / "prepared")
    examples = load_source(folders)
    failed = prepare(examples, prepared)
    assert [Path(example.path).name for example, _ in failed] == ["damaged.jpg"]
    with prepared.failed.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert Path(row["path"]).name == "damaged.jpg"
    assert "damaged" in row["reason"]
    assert [example.image for example in prepared.load()] == [e.image for e in examples if "damaged" not in e.image]
    example = prepared.load()[0]
    with Image.open(prepared.image(example)) as image:
        assert (image.format, image.size) == ("JPEG", (256, 256))
        # quality 95: the JPEG standard's first luminance step, 16, scaled by libjpeg to 2
        assert image.quantization[0][0] == 2
        expected = resized(Path(example.path), 256)
        assert np.abs(np.asarray(image).astype(int) - expected).mean() < 3


def test_prepared_images_are_kept_and_originals_of_the_right_size_copied(table: Path, tmp_path: Path) -> None:
    prepared = Prepared(tmp_path / "prepared")
    examples = load_source(table)
    prepare(examples, prepared)
    assert all(prepared.image(e).read_bytes() == Path(e.path).read_bytes() for e in examples)
    times = [prepared.image(e).stat().st_mtime_ns for e in examples]
    prepare(examples, prepared)
    assert [prepared.image(e).stat().st_mtime_ns for e in examples] == times


def test_images_of_another_source_are_not_taken_for_those_prepared(table: Path, folders: Path, tmp_path: Path) -> None:
    prepared = Prepared(tmp_path / "prepared")
    first = load_source(table)[0]
    prepare([first], prepared)
    other = replace(first, path=load_source(folders)[0].path)
    before = prepared.image(first).read_bytes()
    prepare([other], prepared)
    assert prepared.image(other).read_bytes() != before
    assert prepared.load() == [other]


def many(seed: int = 0) -> list[Example]:
    """2,000 images of lesions with one to four each, from two sources."""
    random = np.random.default_rng(seed)
    lesions = [(f"L{n}", int(random.random() < 0.2), random.choice(["A", "B"])) for n in range(900)]
    chosen = [lesions[i] for i in random.integers(0, len(lesions), 2000)]
    return [
        Example(f"i{n}", "", melanoma, lesion, source=str(source))
        for n, (lesion, melanoma, source) in enumerate(chosen)
    ]


def test_split_keeps_lesions_and_shares() -> None:
    examples = divide(many(), seed=1337)
    sides: dict[str, set[str]] = {}
    for example in examples:
        sides.setdefault(example.lesion_id, set()).add(example.split)
    assert all(len(side) == 1 for side in sides.values())
    for of_stratum in (lambda e: True, lambda e: e.melanoma == 1, lambda e: e.source == "A" and e.melanoma == 0):
        counts = Counter(example.split for example in examples if of_stratum(example))
        total = counts.total()
        for split, share in (("train", 0.8), ("val", 0.1), ("test", 0.1)):
            assert counts[split] / total == pytest.approx(share, abs=0.03)


def test_split_by_image_takes_no_heed_of_lesions() -> None:
    examples = divide_images(many(), seed=1337)
    counts = Counter(example.split for example in examples)
    assert [counts[split] for split in ("train", "val", "test")] == [1600, 200, 200]
    train = {example.lesion_id for example in examples if example.split == "train"}
    leaked = [example for example in examples if example.split == "test" and example.lesion_id in train]
    assert len(leaked) > 100
    assert divide_images(many(), seed=1337) == examples != divide_images(many(), seed=1338)


@pytest.mark.parametrize("share", [0.1, 0.4749, 0.9])
def test_subset_has_the_share_asked_for_and_is_as_large_as_can_be(share: float) -> None:
    examples = many()
    chosen = subset(examples, share, seed=1)
    melanomas, others = (sum(example.melanoma == label for example in chosen) for label in (1, 0))
    assert melanomas / len(chosen) == pytest.approx(share, abs=0.002)
    assert melanomas == sum(e.melanoma for e in examples) or others == sum(not e.melanoma for e in examples)
    assert len({example.image for example in chosen}) == len(chosen)
    assert subset(examples, share, seed=1) == chosen != subset(examples, share, seed=2)


def test_splits_without_both_classes_are_refused() -> None:
    examples = divide(many(), seed=1337)
    check_splits(examples)
    with pytest.raises(DataError, match="val"):
        check_splits([e for e in examples if not (e.split == "val" and e.melanoma)])


def test_split_follows_the_seed_alone() -> None:
    examples = many()
    assert divide(examples, seed=1337) == divide(examples, seed=1337)
    assert divide(examples, seed=1337) != divide(examples, seed=1338)
    by_image = {e.image: e.split for e in divide(examples[::-1], seed=1337)}
    assert [replace(e, split=by_image[e.image]) for e in examples] == divide(examples, seed=1337)


def test_pictures_are_what_the_program_would_see(table: Path, tmp_path: Path) -> None:
    prepared = Prepared(tmp_path / "prepared")
    prepare(load_source(table), prepared)
    examples = prepared.load()
    pictures = load_pictures(prepared, side=64)
    again = load_pictures(prepared, side=64)
    assert pictures.shape == (len(examples), 64, 64, 3)
    assert np.array_equal(pictures[2], resized(Path(examples[2].path), 64))
    assert np.array_equal(again, pictures)
    prepared.save(examples[5:])
    others = load_pictures(prepared, side=64)
    assert np.array_equal(others, pictures[5:])


def test_draw_balanced() -> None:
    labels = np.array([1] * 10 + [0] * 90)
    anywhere = np.array([""] * 100)
    drawn = draw(labels, anywhere, balance="class", count=100, seed=3)
    assert labels[drawn].sum() == 50
    assert set(Counter(drawn[labels[drawn] == 1].tolist()).values()) == {5}
    assert len(set(drawn[labels[drawn] == 0].tolist())) == 50
    assert np.array_equal(drawn, draw(labels, anywhere, balance="class", count=100, seed=3))
    assert not np.array_equal(drawn, draw(labels, anywhere, balance="class", count=100, seed=4))


def test_draw_balanced_in_each_source() -> None:
    """Where an image comes from then tells nothing of its class."""
    labels = np.array([1] * 30 + [0] * 90 + [1] * 10 + [0] * 70)
    sources = np.array(["A"] * 120 + ["B"] * 80)
    drawn = draw(labels, sources, balance="class-and-source", count=200, seed=3)
    counts = Counter(zip(sources[drawn].tolist(), labels[drawn].tolist(), strict=True))
    assert counts == {("A", 1): 75, ("A", 0): 75, ("B", 1): 25, ("B", 0): 25}
    assert len(set(drawn[(sources[drawn] == "A") & (labels[drawn] == 0)].tolist())) == 75


def test_draw_all() -> None:
    labels = np.array([1] * 10 + [0] * 90)
    assert sorted(draw(labels, np.array([""] * 100), balance="none", count=0, seed=3)) == list(range(100))
