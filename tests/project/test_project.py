"""The rules that hold for the whole checkout."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.model.bundle import load_bundle
from app.core.system.paths import bundled_model

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LOCKS = [ROOT / f"requirements/{name}.lock" for name in ("run", "train", "cluster", "dev")]


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[a-z0-9.-]+==[^ \\]+(?: ; [^\\]+)?", lock.read_text(), re.MULTILINE))


def test_the_dependency_rule() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_each_lock_has_all_that_the_smaller_one_has() -> None:
    run, train, cluster, dev = map(pins, LOCKS)
    assert run < cluster < dev
    assert run < train < dev
    assert not any(pin.startswith("tensorflow") for pin in run)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_have_hashes_and_name_no_index(lock: Path) -> None:
    text = lock.read_text()
    entries = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|file:|-index", text)


def test_the_commit_hooks_check_with_the_locked_versions() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    pinned = {pin for pin in re.findall(r"\[([a-z-]+==[0-9.]+)\]", hooks) if not pin.startswith("pre-commit-hooks")}
    assert {pin.split("==")[0] for pin in pinned} == {"ruff", "import-linter"}
    assert pinned <= pins(LOCKS[-1])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_packaging_is_no_package() -> None:
    """It would stand in front of the library of that name and break PyInstaller."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_the_model_card_for_people_is_the_bundles() -> None:
    from training.evaluation.model_card import as_markdown

    written = (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8")
    assert written == as_markdown(load_bundle(bundled_model()).card)
