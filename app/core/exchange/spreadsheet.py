"""Results as an Excel workbook, by XlsxWriter."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence

MADE_AT = dt.datetime(2000, 1, 1)
"""The moment that every workbook states, so that a second export of the same is the same file."""
WIDEST = 60
"""Characters in a column at most."""


def workbook(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, title: str) -> bytes:
    """A table as the bytes of a workbook with one sheet. A text stays a text, whatever it begins with."""
    import xlsxwriter  # here, not above: it would slow down every start

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": title, "created": MADE_AT})
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        widths = [len(name) for name in columns]
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, bold)
        number = 0
        for number, row in enumerate(rows, start=1):
            for column, name in enumerate(columns):
                value = row.get(name)
                if isinstance(value, (int, float)):
                    sheet.write_number(number, column, value)
                elif value is not None:
                    text = str(value).encode("utf-8", "backslashreplace").decode()
                    sheet.write_string(number, column, text)
                    widths[column] = max(widths[column], len(text))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, WIDEST))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
    return target.getvalue()
