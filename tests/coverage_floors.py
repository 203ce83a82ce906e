"""Coverage of each package, held against a floor of its own.

`dev.py test` runs it after all tests; by itself: `python -m tests.coverage_floors` after `pytest --cov`. Shares are of
lines, in percent. A floor lies some points below what was measured, so that it tells of tests that are missing and not
of a line more or less.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).parents[1]
FLOORS = {
    "app": 60,
    "app/cli": 50,
    "app/core/domain": 95,
    "app/core/exchange": 95,
    "app/core/exchange/dicom": 95,
    "app/core/history": 93,
    "app/core/imaging": 90,
    "app/core/imaging/formats": 90,
    "app/core/lesion": 94,
    "app/core/model": 92,
    "app/core/quality": 93,
    "app/core/screening": 92,
    "app/core/system": 80,
    "app/ui/arrivals": 90,
    "app/ui/comparison": 90,
    "app/ui/export": 90,
    "app/ui/folder": 92,
    "app/ui/help": 92,
    "app/ui/history": 90,
    "app/ui/image": 92,
    "app/ui/look": 90,
    "app/ui/paper": 92,
    "app/ui/patient": 90,
    "app/ui/patient_report": 92,
    "app/ui/patients": 90,
    "app/ui/report": 92,
    "app/ui/result": 93,
    "app/ui/screen": 92,
    "app/ui/services": 92,
    "app/ui/settings": 92,
    "app/ui/widgets": 92,
    "app/ui/window": 90,
    "training": 92,
    "training/commands": 75,
    "training/data": 92,
    "training/evaluation": 80,
    "training/evaluation/figures": 90,
    "training/export": 90,
    "training/gate": 90,
    "training/negatives": 75,
    "training/networks": 90,
    "training/segmentation": 90,
    "training/trainer": 86,
}
"""Much of `app` and `app/cli` runs in processes of their own, which are not measured."""


def main() -> int:
    """Print a row for each package; 1 where one is below its floor, or has none."""
    covered = by_package()
    for package, share in covered.items():
        floor = FLOORS.get(package)
        verdict = "has no floor" if floor is None else "below it" if share < floor else ""
        print(f"{package:<28} {share:5.1f} %  floor {floor}  {verdict}".rstrip())
    return int(any(share < FLOORS.get(package, 101) for package, share in covered.items()))


def by_package() -> dict[str, float]:
    """The share of executed lines of each package, from the data of the last `pytest --cov`."""
    coverage = Coverage(config_file=ROOT / "pyproject.toml", data_file=ROOT / ".coverage")
    coverage.load()
    lines: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for root in ("app", "training"):
        for file in sorted((ROOT / root).rglob("*.py")):
            _, statements, _, missing, _ = coverage.analysis2(str(file))
            counts = lines[file.parent.relative_to(ROOT).as_posix()]
            counts[0] += len(statements) - len(missing)
            counts[1] += len(statements)
    return {package: 100 * executed / total for package, (executed, total) in sorted(lines.items()) if total}


if __name__ == "__main__":
    sys.exit(main())
