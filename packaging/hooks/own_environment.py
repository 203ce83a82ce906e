"""Runs first in the frozen program: what it starts (a browser, a file manager) must not find the bundle's libraries.

PyInstaller's starter sets LD_LIBRARY_PATH for this process, which has read it by now, and keeps the old value.
"""

import os

if (before := os.environ.pop("LD_LIBRARY_PATH_ORIG", None)) is not None:
    os.environ["LD_LIBRARY_PATH"] = before
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
