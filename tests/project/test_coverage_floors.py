"""Every package of the product has a floor for its coverage."""

from __future__ import annotations

from tests.coverage_floors import FLOORS, ROOT


def test_every_package_has_a_floor_and_every_floor_a_package() -> None:
    folders = {
        path.parent.relative_to(ROOT).as_posix()
        for top in ("app", "training")
        for path in (ROOT / top).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert set(FLOORS) == folders
