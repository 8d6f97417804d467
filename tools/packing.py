"""What a reader takes home from the site: the package notesrc as a wheel, and the site itself as a zip.

Both are the same bytes whenever they are made from the same sources.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

OFFLINE = "notes-offline.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip can hold
EPOCH_SECONDS = "315532800"
PACKED = {".png", ".webp", ".woff2", ".apkg", ".whl", ".zip"}  # compressed already

# The zip does not hold itself, so that its pages don't offer it.
OFFER = re.compile(rb'<(li|p) class="run-offline">.*?</\1>\n?')


def build_wheel(source: Path, folder: Path) -> subprocess.CompletedProcess:
    """Build the wheel of notesrc into a folder, without a network and without a trace in the sources."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        shutil.copytree(source / "notesrc", copy / "notesrc", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "LICENSE"):
            shutil.copyfile(source / name, copy / name)
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # a wheel keeps the rights that the clone happens to have
        command = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
        return subprocess.run(
            [sys.executable, "-c", command, str(folder)],
            capture_output=True,
            text=True,
            cwd=copy,
            env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH_SECONDS},
            umask=0o022,
        )


def write_zip(site: Path) -> Path:
    """Pack the whole site into a zip at its root; unpacked, it opens from the disk."""
    target = site / OFFLINE
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for path in sorted(path for path in site.rglob("*") if path.is_file() and path not in (target, unfinished)):
            entry = zipfile.ZipInfo(f"notes/{path.relative_to(site).as_posix()}", EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in PACKED else zipfile.ZIP_DEFLATED
            content = path.read_bytes()
            archive.writestr(entry, OFFER.sub(b"", content) if path.suffix == ".html" else content)
    return unfinished.rename(target)
