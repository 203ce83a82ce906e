from __future__ import annotations

import pytest

from training.evaluation import printing
from training.evaluation.printing import Table

TABLE = Table(("figure", "value"), (("AUROC", "0.9 (0.8 to 1)"), ("<b>a longer name</b>", "")))


def test_text_has_columns_below_each_other() -> None:
    assert printing.as_text(TABLE).splitlines() == [
        "figure                value",
        "AUROC                 0.9 (0.8 to 1)",
        "<b>a longer name</b>",
    ]
    assert printing.as_text(Table(("a", "b"), ())) == "a  b"


def test_html_shows_fields_as_they_are() -> None:
    assert printing.as_html(TABLE).splitlines() == [
        "<table>",
        "<tr><th>figure</th><th>value</th></tr>",
        "<tr><td>AUROC</td><td>0.9 (0.8 to 1)</td></tr>",
        "<tr><td>&lt;b&gt;a longer name&lt;/b&gt;</td><td></td></tr>",
        "</table>",
    ]


def test_markdown() -> None:
    assert printing.as_markdown(Table(("a", "b"), (("1", "2"),))) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_row_has_a_field_for_each_column() -> None:
    with pytest.raises(ValueError, match="2 fields"):
        Table(("a", "b"), (("1",),))
