"""The program's version, from the one place that has it: `pyproject.toml`."""

from __future__ import annotations

from pathlib import Path


def version() -> str:
    """The version of the checkout that runs, or of the installed package."""
    project = Path(__file__).resolve().parents[3] / "pyproject.toml"
    if project.is_file():
        import tomllib  # imported where it is needed: a start is quicker

        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    from importlib import metadata

    return metadata.version("melascreen")
