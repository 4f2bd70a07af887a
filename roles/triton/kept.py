"""Wheels that were built, on the controller: for every box that one suits."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

from roles.upstream.wheel import Target

LIBRARY = "triton/_C/libtriton.so"


class NoWheel(Exception):  # noqa: N818 - reads as what it says
    """What a box has built is not what was wanted; says what it is."""


@dataclass(frozen=True)
class Kept:
    """+ path: of the wheel + by: the box that has built it"""

    path: str
    sha256: str
    size: int
    by: str


def name(distribution: str, version: str) -> str:
    """As a wheel of this begins."""
    return f"{distribution.replace('-', '_')}-{version}-"


def folder(cache: str, version: str, target: Target) -> Path:
    """Where a wheel of this version lies that suits this Python and C library."""
    return Path(cache) / "triton" / "wheels" / f"{version}-{target.short}-glibc{target.glibc}"


def kept(where: Path) -> Kept | None:
    """What is there, if it is as it was when it came."""
    try:
        found = Kept(**json.loads((where / "kept.json").read_text()))
        good = digest(Path(found.path)) == found.sha256
    except (OSError, ValueError, TypeError):
        return None
    return found if good else None


def keep(new: Path, sha256: str, begins: str, where: Path, by: str) -> Kept:
    """
    Put a wheel there, whole or not at all. NoWheel if it is not what was wanted.

    + begins: how its name has to + by: the box that has built it
    """
    if digest(new) != sha256:
        raise NoWheel(f"{new.name} has not come as the box has it")
    if not new.name.startswith(begins):
        raise NoWheel(f"the build has made {new.name}, and {begins}….whl was wanted")
    with zipfile.ZipFile(new) as wheel:
        if LIBRARY not in wheel.namelist():
            raise NoWheel(f"{new.name} has no {LIBRARY}")
    half = where.with_name(f".{where.name}.{os.getpid()}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    shutil.move(new, half / new.name)
    found = Kept(str(where / new.name), sha256, (half / new.name).stat().st_size, by)
    (half / "kept.json").write_text(json.dumps(asdict(found)))
    shutil.rmtree(where, ignore_errors=True)
    half.rename(where)
    return found


def digest(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
