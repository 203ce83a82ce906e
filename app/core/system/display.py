"""Whether a window can be opened. Without a display Qt would end the program."""

from __future__ import annotations

import ctypes
import os
import sys

from app.core.domain.messages import Message

NO_DISPLAY = Message("no-display")


def has_display() -> bool:
    """True on Windows and macOS, for Qt's platforms without a screen, and where X11 or Wayland answers."""
    if not sys.platform.startswith("linux"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform and platform.partition(":")[0] not in ("xcb", "wayland"):
        return True
    return bool(os.environ.get("WAYLAND_DISPLAY")) or _x11_answers()


def _x11_answers() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")  # Qt's own way to X11
    except OSError:
        return True  # then Qt itself says what is missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers
