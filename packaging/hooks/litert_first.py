"""Runs first in the frozen program on Windows: LiteRT is to be loaded before Qt, which PyInstaller's own hook loads."""

import ai_edge_litert.interpreter  # noqa: F401
