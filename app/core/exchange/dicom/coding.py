"""Codes as DICOM stores them."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.sr.coding import Code


def coded(code: Code) -> Dataset:
    """A code as an item of a sequence (PS3.3, 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item
