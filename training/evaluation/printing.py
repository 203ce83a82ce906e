"""Prints tables of figures: as text, as HTML and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Table:
    """Rows of text under a header; every row has a field for each column."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"every row needs {len(self.header)} fields")


def as_text(table: Table) -> str:
    """Columns side by side, each as broad as its longest field."""
    lines = (table.header, *table.rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def as_html(table: Table) -> str:
    """A `table` element; what the fields hold is text, not HTML."""
    head = "".join(f"<th>{escape(field)}</th>" for field in table.header)
    lines = "\n".join("<tr>" + "".join(f"<td>{escape(field)}</td>" for field in row) + "</tr>" for row in table.rows)
    return f"<table>\n<tr>{head}</tr>\n{lines}\n</table>"


def as_markdown(table: Table) -> str:
    """A table as GitHub and most others read it."""
    lines = (table.header, ("---",) * len(table.header), *table.rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
