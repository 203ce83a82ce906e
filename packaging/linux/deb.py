"""The Debian package: menu entry, icons, 'Open with', and dependencies instead of the system's libraries.

It has no maintainer scripts: the menu's and the icons' caches are refreshed by the triggers of the packages that own
them, and nothing of the user's is ever touched.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import gzip
import os
import shutil
import subprocess
import tempfile
import textwrap
from pathlib import Path

from dev import QT_LIBRARIES
from linux import tree

MAINTAINER = "MelaScreen <melascreen@users.noreply.github.com>"
LIBRARIES = QT_LIBRARIES | {
    # Python's; their copies in the bundle are left out, so that the system keeps them up to date
    "libbz2.so.1.0": "libbz2-1.0",
    "libcrypto.so.3": "libssl3",
    "libexpat.so.1": "libexpat1",
    "libffi.so.8": "libffi8",
    "liblzma.so.5": "liblzma5",
    "libsqlite3.so.0": "libsqlite3-0",
    # Qt's and the wheels'
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""Library -> package, as in Debian 12. Packages that later releases have renamed provide the old name."""

GLIBC = (
    "libc.so",
    "libm.so",
    "libmvec.so",
    "libdl.so",
    "libpthread.so",
    "librt.so",
    "libresolv.so",
    "libutil.so",
    "ld-linux",
)
FONTS = "fonts-dejavu-core | fonts-noto-core | fonts-liberation | fonts-freefont-ttf"

DESCRIPTION = """\
screen dermoscopy images for melanoma, offline
 Drop a dermoscopy image on the window: it says whether melanoma or another
 skin cancer is suspected, with a calibrated probability beside the threshold
 for referral. Folders and ZIPs are worked through, and the results are kept
 in a local history.
 It reads JPEG, PNG, TIFF, BMP, WebP, HEIC and photographic DICOM.
 .
 It supports a clinical decision and does not replace it.
 Nothing leaves the machine.
"""


def make(bundle: Path, icons: Path, out: Path, *, version: str, epoch: int) -> Path:
    """Write `melascreen_VERSION_amd64.deb` into `out`. Raises LookupError for a library that no dependency brings."""
    with tempfile.TemporaryDirectory(prefix="melascreen-deb-") as name:
        root = Path(name) / "root"
        program = root / "usr/lib/melascreen"
        tree.copy_bundle(bundle, program)
        for library in LIBRARIES:
            (program / "_internal" / library).unlink(missing_ok=True)
        check_dependencies(program)
        tree.add_menu_files(root / "usr/share", icons)
        (root / "usr/bin").mkdir()
        (root / "usr/bin/melascreen").symlink_to("../lib/melascreen/melascreen")
        _add_documents(root / "usr/share", version, epoch)
        kilobytes = (
            sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) // 1024
        )
        control = root / "DEBIAN" / "control"
        control.parent.mkdir()
        control.write_text(control_file(version, kilobytes), encoding="utf-8")
        tree.make_uniform(root, epoch)
        file = out / f"melascreen_{debian_version(version)}_amd64.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z9", "--threads-max=1", "--build", str(root), str(file)]
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return file


def debian_version(version: str) -> str:
    """PEP 440's version as Debian sorts it: 1.0rc1 before 1.0."""
    for mark in ("a", "b", "rc", ".dev"):
        version = version.replace(mark, f"~{mark.lstrip('.')}")
    return version


def dependencies() -> str:
    """The packages that the program needs; it was built against Debian 12's glibc."""
    return ", ".join(["libc6 (>= 2.36)", *sorted(set(LIBRARIES.values())), FONTS])


def control_file(version: str, kilobytes: int) -> str:
    return (
        textwrap.dedent(f"""\
        Package: melascreen
        Version: {debian_version(version)}
        Architecture: amd64
        Maintainer: {MAINTAINER}
        Installed-Size: {kilobytes}
        Depends: {dependencies()}
        Section: science
        Priority: optional
        Description: """)
        + DESCRIPTION
    )


def check_dependencies(program: Path) -> None:
    """Raise LookupError if a file needs a library that is neither in the bundle nor among the dependencies."""
    files = [path for path in program.rglob("*") if path.is_file() and _is_elf(path)]
    inside = {path.name for path in program.rglob("*")}
    missing = {
        library
        for file in files
        for library in _needed(file)
        if library not in inside and library not in LIBRARIES and not library.startswith(GLIBC)
    }
    if missing:
        raise LookupError(f"No dependency of the package brings {', '.join(sorted(missing))}.")


def _is_elf(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"\x7fELF"


def _needed(file: Path) -> list[str]:
    output = subprocess.run(["objdump", "-p", str(file)], capture_output=True, text=True, check=True).stdout
    return [line.split()[1] for line in output.splitlines() if line.strip().startswith("NEEDED")]


def _add_documents(share: Path, version: str, epoch: int) -> None:
    folder = share / "doc" / "melascreen"
    folder.mkdir(parents=True)
    changelog = (
        f"melascreen ({debian_version(version)}) stable; urgency=medium\n\n  * See the project's CHANGELOG.md.\n\n"
    )
    moment = email.utils.format_datetime(dt.datetime.fromtimestamp(epoch, tz=dt.UTC))
    changelog += f" -- {MAINTAINER}  {moment}\n"
    (folder / "changelog.gz").write_bytes(gzip.compress(changelog.encode(), mtime=0))
    shutil.copyfile(tree.LINUX / "copyright", folder / "copyright")
    tree.copy(tree.LINUX / "lintian-overrides", share / "lintian" / "overrides" / "melascreen")
