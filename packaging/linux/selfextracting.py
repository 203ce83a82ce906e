"""The self-extracting `.run` for a user without root: everything goes into the user's home."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import tempfile
from pathlib import Path

from linux import tree


def make(bundle: Path, icons: Path, out: Path, *, version: str, epoch: int) -> Path:
    """Write `MelaScreen-VERSION-linux-x86_64.run` into `out`, by makeself."""
    file = out / f"MelaScreen-{version}-linux-x86_64.run"
    with tempfile.TemporaryDirectory(prefix="melascreen-run-") as name:
        root = Path(name) / "MelaScreen"
        program = root / "program"
        tree.copy_bundle(bundle, program)
        tree.copy(tree.LINUX / "uninstall.sh", program / "uninstall.sh")
        tree.copy(tree.LINUX / "install.sh", root / "install.sh")
        tree.add_menu_files(root / "share", icons)
        (program / "files.txt").write_text("".join(f"{line}\n" for line in files_in(program)), encoding="utf-8")
        tree.make_uniform(root, epoch)
        moment = dt.datetime.fromtimestamp(epoch, tz=dt.UTC).isoformat()
        tar = f"--sort=name --mtime=@{epoch} --owner=0 --group=0 --numeric-owner"
        subprocess.run(
            [
                *("makeself", "--quiet", "--tar-quietly", "--xz", "--sha256", "--nox11"),
                *("--packaging-date", moment, "--tar-extra", tar),
                # no whole paths: it writes its own command line into the file
                *(root.name, file.name, f"MelaScreen {version}", "sh", "./install.sh"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=name,
        )
        shutil.move(root.parent / file.name, file)
    return file


def files_in(folder: Path) -> list[str]:
    """What the uninstaller removes, relative to the folder: files and links, then folders, the deepest first."""
    paths = sorted(folder.rglob("*"))
    is_folder = [path.is_dir() and not path.is_symlink() for path in paths]
    files = [path for path, yes in zip(paths, is_folder, strict=True) if not yes]
    folders = [path for path, yes in zip(paths, is_folder, strict=True) if yes]
    named = [path.relative_to(folder).as_posix() for path in (*files, *reversed(folders))]
    return [*named, "files.txt"]
