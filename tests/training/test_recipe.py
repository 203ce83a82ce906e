from __future__ import annotations

from pathlib import Path

import pytest

from app.core.system.paths import bundled_model
from training.commands.run_steps import on_images
from training.errors import RecipeError
from training.recipe import LICENCE_FILE, RECIPES, licence_of, load_recipe, members_of

SOURCES = {"HAM10000", "ISIC2017", "BCN20000", "ISIC2020", "MILK10k", "MSK"} | {
    "Imperial", "BarcelonaFollowUp", "Anonymous", "Vienna", "Queensland", "Sydney",
}  # fmt: skip


def derived(folder: Path, base: Path, text: str, name: str = "derived") -> str:
    path = folder / f"{name}.toml"
    path.write_text(f'name = "{name}"\nbase = "{base.as_posix()}"\n{text}', encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_every_recipe_of_ours_is_whole(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert {entry.source for entry in recipe.card.data} == set(recipe.sources or SOURCES)
    licence = licence_of(recipe)
    assert licence is not None
    name, text = licence
    assert name in text.decode()


def test_what_may_not_be_sold_is_not_in_the_open_recipe() -> None:
    recipe = load_recipe("open")
    assert recipe.sources == ("ISIC2017",)
    assert recipe.photographs == ()
    assert {entry.licence for entry in recipe.card.data} == {"CC0"}
    assert recipe.card.licence is not None
    assert recipe.card.licence.name == "CC0 1.0"
    assert [names[0] for names in recipe.network.diagnoses] == ["MEL", "NV", "BKL"]


def test_the_licence_names_every_source_with_its_citation() -> None:
    recipe = load_recipe("broad")
    licence = licence_of(recipe)
    assert licence is not None
    text = " ".join(licence[1].decode().split())
    for entry in recipe.card.data:
        assert entry.source in text
        assert " ".join(entry.citation.split()) in text


def test_the_licence_lies_beside_the_model_that_ships() -> None:
    licence = licence_of(load_recipe("broad"))
    assert licence is not None
    assert (bundled_model() / LICENCE_FILE).read_bytes() == licence[1]


def test_a_licence_without_its_text_is_named(recipe_file: Path, tmp_path: Path) -> None:
    assert licence_of(load_recipe(str(recipe_file))) is None
    recipe = load_recipe(derived(tmp_path, recipe_file, '[card.licence]\nname = "X"\nfile = "none.txt"'))
    with pytest.raises(RecipeError, match=r"none\.txt"):
        licence_of(recipe)


def test_a_base_gives_what_the_recipe_does_not_say(recipe_file: Path, tmp_path: Path) -> None:
    base = load_recipe(str(recipe_file))
    recipe = load_recipe(derived(tmp_path, recipe_file, "batch_size = 4\n[augmentation]\ncontrast = 0.3\n"))
    assert (recipe.name, recipe.batch_size, recipe.seed) == ("derived", 4, base.seed)
    assert (recipe.augmentation.contrast, recipe.augmentation.flip) == (0.3, base.augmentation.flip)
    assert (recipe.network, recipe.phases, recipe.card) == (base.network, base.phases, base.card)


def test_phases_are_replaced_not_mixed(recipe_file: Path, tmp_path: Path) -> None:
    phase = (
        '[[phases]]\nname = "only"\nepochs = 1\ntrainable = "all"\nlearning_rate = { kind = "constant", initial = 1.0 }'
    )
    assert [phase.name for phase in load_recipe(derived(tmp_path, recipe_file, phase)).phases] == ["only"]


def test_members_vote_on_the_same_images(recipe_file: Path, tmp_path: Path) -> None:
    one = derived(tmp_path, recipe_file, "seed = 1", name="one")
    two = derived(tmp_path, recipe_file, "seed = 2", name="two")
    voters = f'data = "elsewhere"\nsources = ["A"]\nsplit_by = "image"\nphases = []\nmembers = ["{one}", "{two}"]'
    recipe = load_recipe(derived(tmp_path, recipe_file, voters, name="voters"))
    assert [(m.name, m.seed, m.data, m.sources, m.split_by) for m in members_of(recipe)] == [
        ("one", 1, "elsewhere", ("A",), "image"),
        ("two", 2, "elsewhere", ("A",), "image"),
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("phases = []", "either phases or members"),
        ('members = ["pair"]', "either phases or members"),
        ('phases = []\nmembers = ["single"]', "larger images"),
        ('phases = []\nmembers = ["pair"]', "members of its own"),
        ('phases = []\nmembers = ["nonsense"]', "no such recipe"),
        ("batch_size = 0", "batch_size"),
    ],
)
def test_what_is_wrong_is_named(recipe_file: Path, tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(RecipeError, match=word):
        load_recipe(derived(tmp_path, recipe_file, text))


def test_a_recipe_that_is_its_own_base(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="own base"):
        load_recipe(derived(tmp_path, tmp_path / "derived.toml", ""))


def test_other_images_take_the_place_of_all_of_a_recipes_own() -> None:
    recipe = load_recipe("broad")
    assert recipe.photographs
    assert on_images(recipe, None, None) == recipe
    other = on_images(recipe, [Path("mine"), Path("yours")], None)
    assert (other.data, other.photographs, other.calibration_sources) == (("mine", "yours"), (), ())
    assert on_images(recipe, [Path("mine")], ["snapshots"]).photographs == ("snapshots",)
    assert on_images(recipe, None, ["snapshots"]).data == recipe.data
