"""Screenshots of every page and state, from real pictures or, where there are none, from drawn ones.

    python -m tests.screenshots OUT [--pictures FOLDER ...] [--only NAME ...]

Writes `OUT/SIZE-LOOK/STATE.png` for each size (1024x600, 1366x768, 1920x1080, and 1280x720 at 200 %) and each look
(light, dark, light from right to left, light in grey). A state that no picture leads to is left out and named.
The program's history for it is made anew in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZES = (("1024x600", 1), ("1366x768", 1), ("1920x1080", 1), ("1280x720", 2))
LOOKS = ("light", "dark", "rtl", "grey")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pictures", type=Path, nargs="+", help="folders of dermoscopy pictures")
    parser.add_argument("--only", nargs="+", default=[], metavar="STATE", help="these states only")
    parser.add_argument("--sizes", nargs="+", default=[size for size, _ in SIZES])
    parser.add_argument("--looks", nargs="+", default=LOOKS, choices=LOOKS)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as data:
        for size, ratio in SIZES:
            if size not in options.sizes:
                continue
            for look in options.looks:
                out = options.out / f"{size}{'@2' if ratio == 2 else ''}-{look}"
                out.mkdir(parents=True, exist_ok=True)
                command = [sys.executable, "-m", "tests.screenshots.session", str(out), size, look, data]
                command += ["--only", *options.only] if options.only else []
                command += ["--pictures", *map(str, options.pictures)] if options.pictures else []
                environment = os.environ | {"QT_SCALE_FACTOR": str(ratio)}
                environment.setdefault("QT_QPA_PLATFORM", "offscreen")
                failed += bool(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
