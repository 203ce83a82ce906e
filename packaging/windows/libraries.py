"""Whether a bundle has every library that its files load: `libraries.py BUNDLE` ends with 1 if not.

A clinic's PC has Windows and nothing else. The machine that builds has Visual Studio's libraries, so that a bundle
without them starts there and nowhere else. Needs pefile, which comes with PyInstaller on Windows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pefile

PROGRAMS = (".exe", ".dll", ".pyd")
WINDOWS = frozenset(
    f"{name}.dll"
    for name in (
        *("advapi32", "authz", "bcrypt", "comctl32", "comdlg32", "crypt32", "d3d9", "d3d11", "d3d12", "dbghelp"),
        *("dwmapi", "dwrite", "dxgi", "gdi32", "icuuc", "imm32", "iphlpapi", "kernel32", "mpr", "msvcrt", "netapi32"),
        *("ntdll", "ole32", "oleaut32", "pdh", "powrprof", "propsys", "psapi", "rpcrt4", "secur32", "setupapi"),
        *("shcore", "shell32", "shlwapi", "ucrtbase", "uiautomationcore", "user32", "userenv", "uxtheme", "version"),
        *("winmm", "ws2_32", "wtsapi32"),
    )
)
"""What Windows 10 itself has, of that which Python, Qt and the wheels load; `api-ms-win-…` besides."""


def missing_libraries(bundle: Path) -> dict[str, list[str]]:
    """Library -> the files that load it at their start, of those that are not where Windows would look for them.

    That is beside the file, at the bundle's top level (its starter says so to Windows) or in a folder that the wheels
    say so of: `*.libs` (delvewheel), and Qt's two.
    """
    files = [path for path in sorted(bundle.rglob("*")) if path.suffix.lower() in PROGRAMS]
    found = {(path.parent, path.name.lower()) for path in files}
    everywhere = {path.parent for path in files if _is_searched(path.parent.relative_to(bundle))}
    missing: dict[str, list[str]] = {}
    for file in files:
        for library in _loaded_by(file):
            has = any((folder, library) in found for folder in (file.parent, *everywhere))
            if not has and library not in WINDOWS and not library.startswith("api-ms-win-"):
                missing.setdefault(library, []).append(file.relative_to(bundle).as_posix())
    return missing


def _is_searched(folder: Path) -> bool:
    inside = folder.parts[1:] if folder.parts[:1] == ("_internal",) else folder.parts
    return not inside or (len(inside) == 1 and (inside[0].endswith(".libs") or inside[0] in ("PySide6", "shiboken6")))


def _loaded_by(file: Path) -> Iterator[str]:
    with pefile.PE(str(file), fast_load=True) as program:
        program.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_IMPORT"]])
        for entry in getattr(program, "DIRECTORY_ENTRY_IMPORT", []):
            yield entry.dll.decode("ascii").lower()


def main() -> int:
    missing = missing_libraries(Path(sys.argv[1]))
    for library, files in missing.items():
        print(f"{library} is not in the bundle, and {', '.join(files)} can't be loaded without it.", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
