"""The size that a WebP states: Pillow makes room for the whole picture when it opens one."""

from __future__ import annotations


def stated_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels by the first chunk (RFC 9649, 2.5 to 2.7); `None` where it is cut or no picture."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        return None
    if kind == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    return None
