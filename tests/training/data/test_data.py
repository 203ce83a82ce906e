from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.imaging import preprocess
from app.core.imaging.decode import decode
from app.core.imaging.reference_image import reference_image
from training.data.examples import Example, check_splits, load_source, named_sources
from training.data.images import load_images
from training.data.prepare import Prepared, prepare
from training.data.sampling import sample_epoch
from training.data.splits import split_by_image, split_by_lesion, subset
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
    examples = split_by_lesion(many(), seed=1337)
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
    examples = split_by_image(many(), seed=1337)
    counts = Counter(example.split for example in examples)
    assert [counts[split] for split in ("train", "val", "test")] == [1600, 200, 200]
    train = {example.lesion_id for example in examples if example.split == "train"}
    leaked = [example for example in examples if example.split == "test" and example.lesion_id in train]
    assert len(leaked) > 100
    assert split_by_image(many(), seed=1337) == examples != split_by_image(many(), seed=1338)


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
    examples = split_by_lesion(many(), seed=1337)
    check_splits(examples)
    with pytest.raises(DataError, match="val"):
        check_splits([e for e in examples if not (e.split == "val" and e.melanoma)])


def test_split_follows_the_seed_alone() -> None:
    examples = many()
    assert split_by_lesion(examples, seed=1337) == split_by_lesion(examples, seed=1337)
    assert split_by_lesion(examples, seed=1337) != split_by_lesion(examples, seed=1338)
    by_image = {e.image: e.split for e in split_by_lesion(examples[::-1], seed=1337)}
    assert [replace(e, split=by_image[e.image]) for e in examples] == split_by_lesion(examples, seed=1337)


def test_images_are_what_the_program_would_see(table: Path, tmp_path: Path) -> None:
    prepared = Prepared(tmp_path / "prepared")
    prepare(load_source(table), prepared)
    examples = prepared.load()
    pictures = load_images(prepared, side=64)
    again = load_images(prepared, side=64)
    assert pictures.shape == (len(examples), 64, 64, 3)
    assert np.array_equal(pictures[2], resized(Path(examples[2].path), 64))
    assert np.array_equal(again, pictures)
    prepared.save(examples[5:])
    others = load_images(prepared, side=64)
    assert np.array_equal(others, pictures[5:])


def labelled(*groups: tuple[int, str, str, int], lesions: int = 10**6) -> list[Example]:
    """Examples, (melanoma, source, collection, images) a group; a lesion has an image more for every `lesions`."""
    return [
        Example(f"{source}{collection}{melanoma}-{n}", "", melanoma, f"{source}{collection}{melanoma}-{n % lesions}",
                source=source, collection=collection)
        for melanoma, source, collection, count in groups
        for n in range(count)
    ]  # fmt: skip


def test_draw_balanced() -> None:
    examples = labelled((1, "", "", 10), (0, "", "", 90))
    labels = np.array([example.melanoma for example in examples])
    drawn = sample_epoch(examples, balance="class", count=100, seed=3)
    assert labels[drawn].sum() == 50
    assert set(Counter(drawn[labels[drawn] == 1].tolist()).values()) == {5}
    assert len(set(drawn[labels[drawn] == 0].tolist())) == 50
    assert np.array_equal(drawn, sample_epoch(examples, balance="class", count=100, seed=3))
    assert not np.array_equal(drawn, sample_epoch(examples, balance="class", count=100, seed=4))


def test_draw_balanced_in_each_source() -> None:
    """Where an image comes from then tells nothing of its class."""
    examples = labelled((1, "A", "", 30), (0, "A", "", 90), (1, "B", "", 10), (0, "B", "", 70))
    drawn = [examples[i] for i in sample_epoch(examples, balance="class-and-source", count=200, seed=3)]
    counts = Counter((example.source, example.melanoma) for example in drawn)
    assert counts == {("A", 1): 75, ("A", 0): 75, ("B", 1): 25, ("B", 0): 25}
    assert len({example.image for example in drawn if (example.source, example.melanoma) == ("A", 0)}) == 75


def test_draw_by_lesion_has_the_same_share_of_melanomas_in_every_source_and_each_lesion_equally_often() -> None:
    groups = [(1, "A", "main", 900), (0, "A", "main", 100), (0, "B", "main", 100), (0, "B", "A", 800)]
    examples = labelled(*groups, (1, "B", "main", 100), (0, "C", "main", 400), lesions=100)
    indices = sample_epoch(examples, balance="lesion", count=1000, seed=3, melanoma_share=0.4)
    drawn = [examples[i] for i in indices]
    counts = Counter((example.source, example.melanoma) for example in drawn)
    for source in ("A", "B"):
        melanomas, others = counts[source, 1], counts[source, 0]
        assert melanomas / (melanomas + others) == pytest.approx(0.4, abs=0.01)
    assert counts["C", 0] > 0  # of one class alone: drawn all the same
    assert counts["B", 0] + counts["B", 1] == pytest.approx((counts["A", 0] + counts["A", 1]) * 1.5**0.5, rel=0.02)
    of_collection = Counter(e.collection for e in drawn if (e.source, e.melanoma) == ("B", 0))
    assert of_collection["A"] == pytest.approx(of_collection["main"], abs=1)  # as many lesions, eight times the images
    of_lesion = Counter(e.lesion_id for e in drawn if (e.source, e.melanoma) == ("A", 1))
    assert max(of_lesion.values()) - min(of_lesion.values()) <= 1
    assert np.array_equal(indices, sample_epoch(examples, balance="lesion", count=1000, seed=3, melanoma_share=0.4))


def test_a_single_lesion_of_a_source_is_not_drawn_over_and_over() -> None:
    examples = labelled((1, "A", "", 200), (0, "A", "", 200), (1, "lonely", "", 1))
    drawn = sample_epoch(examples, balance="lesion", count=10_000, seed=3)
    assert Counter(examples[i].source for i in drawn)["lonely"] == 4


def test_draw_all() -> None:
    examples = labelled((1, "", "", 10), (0, "", "", 90))
    assert sorted(sample_epoch(examples, balance="none", count=0, seed=3)) == list(range(100))


def test_images_of_a_group_stay_together_though_their_lesions_differ() -> None:
    """The same photograph may have two ids, in two sources."""
    pairs = [
        replace(example, group=f"G{n // 2}") for n, example in enumerate(labelled((0, "A", "", 300), (1, "B", "", 300)))
    ]
    sides: dict[str, set[str]] = {}
    for example in split_by_lesion(pairs, seed=5):
        sides.setdefault(example.group, set()).add(example.split)
    assert all(len(side) == 1 for side in sides.values())
    assert len(set.union(*sides.values())) == 3


def test_several_tables_one_after_the_other_webp_among_them(table: Path, folders: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    (more / "images").mkdir(parents=True)
    Image.new("RGB", (256, 256), (200, 100, 90)).save(more / "images" / "W1.webp", quality=85)
    (more / "metadata.csv").write_text("image,melanoma,lesion_id,group,collection\nW1,1,L1,G1,acral\n")
    examples = load_source(table, more)
    assert len(examples) == 121
    assert (examples[-1].path, examples[-1].group) == (str(more / "images" / "W1.webp"), "G1")
    assert (examples[-1].collection, examples[0].group) == ("acral", examples[0].lesion_id)
    prepared = Prepared(tmp_path / "prepared")
    assert prepare(examples[-1:], prepared) == []
    assert np.abs(decode(prepared.image(examples[-1]).read_bytes()).rgb.astype(int) - (200, 100, 90)).max() < 8
    with pytest.raises(DataError, match="same id"):
        load_source(table, table)


def test_a_black_frame_is_cut_away_as_the_program_does(tmp_path: Path) -> None:
    """Also from a 256×256 JPEG, which else is copied as it is."""
    framed = np.zeros((256, 256, 3), np.uint8)
    framed[80:180, 70:190] = reference_image()[78:178, 68:188]
    path = tmp_path / "framed.jpg"
    Image.fromarray(framed).save(path, quality=95)
    example = Example("framed", str(path), 1, "framed")
    prepared = Prepared(tmp_path / "prepared")
    prepare([example], prepared)
    stored = decode(prepared.image(example).read_bytes()).rgb
    seen_by_the_program = preprocess.prepare(decode(path.read_bytes()).rgb).standard
    assert np.abs(stored.astype(int) - seen_by_the_program).mean() < 2
    assert (stored.max(axis=2) < 32).mean() < 0.02


def test_sources_are_named_by_how_many_images_they_have() -> None:
    examples = [Example(f"I{n}", "/x", 0, f"I{n}", source=source) for n, source in enumerate("ABBCBC")]
    assert named_sources(examples, "a table") == "B, C, A"
    assert named_sources([*examples, Example("J", "/x", 0, "J")], "a table") == "a table"
    assert named_sources([], "a table") == "a table"
