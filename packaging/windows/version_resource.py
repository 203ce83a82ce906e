"""What Windows shows of the program's file under *Details*, in the form that PyInstaller reads (`EXE(version=…)`)."""

from __future__ import annotations

from windows.installer import version_numbers

ENGLISH, UNICODE = 0x0409, 1200
"""Windows's language (of the United States) and code page for the texts."""


def text(version: str, *, program: str) -> str:
    """The resource (`VS_VERSIONINFO`) of `program`, a file name without its ending.

    Raises `ValueError` for a version that does not begin with three numbers.
    """
    numbers = version_numbers(version)
    strings = {
        "CompanyName": "The MelaScreen developers",
        "FileDescription": "MelaScreen",  # what Windows calls the program, in 'Open with' too
        "FileVersion": version,
        "InternalName": program,
        "LegalCopyright": "The MelaScreen developers; MIT License",
        "OriginalFilename": f"{program}.exe",
        "ProductName": "MelaScreen",
        "ProductVersion": version,
    }
    lines = "".join(f"        StringStruct({name!r}, {value!r}),\n" for name, value in strings.items())
    return f"""\
VSVersionInfo(
    ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1),
    kids=[
        StringFileInfo([StringTable('{ENGLISH:04X}{UNICODE:04X}', [
{lines}        ])]),
        VarFileInfo([VarStruct('Translation', [{ENGLISH}, {UNICODE}])]),
    ],
)
"""
