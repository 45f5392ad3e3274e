"""Page and data files appear together or not at all, and never on top of something that we did not make."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from sim.report.errors import ReportError
from sim.report.page import GENERATOR, Page

README: Final = f"{GENERATOR}: the data of each figure of the page beside this folder, one CSV a figure. Re-made with the page.\n"


def data_folder(out: Path) -> Path:
    """``report.html`` -> ``report_data`` beside it."""
    return out.with_name(f"{out.stem}_data")


def check(out: Path) -> None:
    """Refuse, before any work, a place where the page cannot go or where something of another make lies."""
    if out.is_dir():
        raise ReportError(f"--out {out}: a folder; name a file that ends in .html")
    if out.suffix.lower() not in (".html", ".htm"):
        raise ReportError(f"--out {out}: must end in .html")
    parent = out.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise ReportError(f"--out {out}: cannot write in {parent}")
    if out.exists() and not _ours(out):
        raise ReportError(
            f"--out {out}: exists and is no report of ours; choose another name or move it away"
        )
    data = data_folder(out)
    if os.path.lexists(data) and not _our_folder(data):
        raise ReportError(
            f"{data}: exists and is no data folder of ours; choose another --out or move it away"
        )


def write(page: Page, out: Path) -> None:
    """Write the data folder, then the page, each whole under another name first and then renamed into place."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".report-", dir=out.parent) as scratch:
            new = Path(scratch) / "data"
            new.mkdir()
            (new / "README.txt").write_text(README, encoding="utf-8")
            for name, text in page.data.items():
                (new / name).write_text(text, encoding="utf-8", newline="")
            whole = Path(scratch) / "page.html"
            with whole.open("w", encoding="utf-8", newline="") as file:
                file.write(page.html)
                file.flush()
                os.fsync(file.fileno())
            data = data_folder(out)
            if data.exists():
                data.rename(Path(scratch) / "old")
            new.rename(data)
            whole.replace(out)
    except OSError as error:
        raise ReportError(f"--out {out}: cannot be written ({error.strerror or error})") from None


def _ours(out: Path) -> bool:
    if out.is_symlink() or not out.is_file():
        return False
    with out.open("rb") as file:
        return f'name="generator" content="{GENERATOR}"'.encode() in file.read(2000)


def _our_folder(data: Path) -> bool:
    readme = data / "README.txt"
    if data.is_symlink() or not data.is_dir() or not readme.is_file():
        return False
    return readme.read_bytes()[: len(GENERATOR)] == GENERATOR.encode()
