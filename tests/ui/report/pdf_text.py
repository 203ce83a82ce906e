"""Reads what is written in a PDF of Qt's: the text of each page, by the fonts' own tables of characters."""

from __future__ import annotations

import re
import unicodedata
import zlib

FAR = 12
"""Pixels from the last letter on, from which another text begins."""
_OBJECT = re.compile(rb"(?<!\d)(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)
_TEXT = re.compile(rb"BT(.*?)ET", re.DOTALL)
_PART = re.compile(rb"/F(\d+) [\d.]+ Tf|(-?[\d.]+) (-?[\d.]+) Td|<([0-9A-F]+)> Tj")


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page in the order of drawing, with a space for each end of a line or a column."""
    bodies = {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}
    contents = {number: _unpacked(body) for number, body in bodies.items()}
    characters = {
        number: _characters(contents[int(found[1])])
        for number, body in bodies.items()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    pages = [body for _, body in sorted(bodies.items()) if re.search(rb"/Type /Page\b(?!s)", body)]
    drawn = [contents[int(found[1])] for body in pages if (found := re.search(rb"/Contents (\d+) 0 R", body))]
    return [_page_text(commands, characters) for commands in drawn]


def squeezed(text: str) -> str:
    """A text without spaces, for names that are cut at the ends of lines."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _unpacked(body: bytes) -> bytes:
    stream = _STREAM.search(body)
    if stream is None:
        return b""
    if b"/FlateDecode" not in body[: stream.start()]:
        return stream[1]
    return zlib.decompressobj().decompress(stream[1])  # whose last byte may be that of a line's end


def _characters(table: bytes) -> dict[int, str]:
    """Characters by the numbers of their glyphs in a font."""
    found: dict[int, str] = {}
    for first, _, text in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]{4})> <([0-9A-F]+)>", table):
        found[int(first, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for first, last, texts in re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)> \[(.*?)\]", table, re.DOTALL):
        listed = re.findall(rb"<([0-9A-Fa-f]+)>", texts)
        for number, text in zip(range(int(first, 16), int(last, 16) + 1), listed, strict=False):
            found[number] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return found


def _page_text(commands: bytes, characters: dict[int, dict[int, str]]) -> str:
    written = ""
    end: tuple[float, float] | None = None
    for block in _TEXT.findall(commands):
        known: dict[int, str] = {}
        place: tuple[float, float] | None = None
        for font, x, y, glyphs in _PART.findall(block):
            if font:
                known = characters[int(font)]
            elif x:
                begins = place is None
                place = (float(x), float(y)) if place is None else (place[0] + float(x), place[1] + float(y))
                if begins and (end is None or abs(place[1] - end[1]) > 1 or abs(place[0] - end[0]) > FAR):
                    written += " "
                end = place
            else:
                numbers = (int(glyphs[at : at + 4], 16) for at in range(0, len(glyphs), 4))
                written += "".join(known.get(number, "") for number in numbers)
    return " ".join(unicodedata.normalize("NFKC", written).replace("\0", "").split())
