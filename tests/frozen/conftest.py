"""The build's modules lie in `packaging`, which must not be a Python package: it would shadow PyPI's of that name."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "packaging"))
