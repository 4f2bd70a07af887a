"""Coverage: which libraries of a ROCm tree, a venv or a wheel have code for a card."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from roles.graft import carried
from roles.graft import fit as fits
from roles.graft.bundle import UnreadableError
from roles.graft.carried import Carried
from roles.graft.libraries import TENSILE, Known, Library, judged, known, row

# libtorch_hip and librocsparse have one to two; a wheel's member says its own size.
MOST_MEMBER = 8 << 30


@dataclass(frozen=True)
class Coverage:
    path: str
    arch: str
    libraries: tuple[Library, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def coverage(path: Path, arch: str = "gfx906") -> Coverage:
    """Look at every library that we know, in a folder or in a wheel."""
    if path.is_dir():
        found = list(_folder(path, arch))
    elif path.suffix == ".whl":
        found = list(_wheel(path, arch))
    else:
        what = "neither a folder nor a wheel" if path.exists() else "not there"
        raise UnreadableError(f"{path} is {what}")
    if not found:
        raise UnreadableError(f"{path} holds no library that we know, as librocblas.so")
    order = {one.name: number for number, one in enumerate(known())}
    found.sort(key=lambda one: (order[one.name], one.path))
    return Coverage(str(path), arch, tuple(found))


def _folder(root: Path, arch: str) -> Iterator[Library]:
    for found in carried.look(root, known()):
        if row(found.name).folder == TENSILE:
            yield _tensile(found, fits.listing(Path(found.path)), arch)
        else:
            yield judged(found, arch)


def _wheel(path: Path, arch: str) -> Iterator[Library]:
    """A wheel is compressed: what we look at is unpacked, one library at a time."""
    try:
        with zipfile.ZipFile(path) as wheel, tempfile.TemporaryDirectory() as into:
            members = {each.filename: each for each in wheel.infolist() if not each.is_dir()}
            for one in known():
                if one.file:
                    for name in members:
                        if one.is_named(PurePosixPath(name).name):
                            local = _unpacked(wheel, members[name], Path(into) / "library")
                            yield judged(carried.library(one.name, name, local), arch)
                            local.unlink()
                else:
                    yield from _wheel_folder(one, wheel, members, Path(into), arch)
    # zipfile speaks of encryption and of unknown methods in the last two
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise UnreadableError(f"{path} cannot be unpacked: {error}") from error


def _wheel_folder(
    one: Known,
    wheel: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    into: Path,
    arch: str,
) -> Iterator[Library]:
    for folder in sorted({found[1] for name in members if (found := _split(name, one.folder))}):
        inside = [name for name in members if name.startswith(f"{folder}/")]
        names = {name.removeprefix(f"{folder}/"): members[name] for name in inside}
        found_here = Carried(one.name, folder, carried.named(names))
        if one.folder != TENSILE:
            yield judged(found_here, arch)
            continue
        files = {}
        for number, (name, member) in enumerate(sorted(names.items())):
            if fits.carries(name, arch) or name.endswith("_fallback.dat"):
                files[name] = _unpacked(wheel, member, into / f"file{number}")
        yield _tensile(found_here, files, arch)


def _split(name: str, folder: str) -> re.Match[str] | None:
    return re.match(rf"((?:.*/)?{re.escape(folder)})/", name)


def _unpacked(wheel: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> Path:
    if member.file_size > MOST_MEMBER:
        raise ValueError(f"{member.filename} claims {member.file_size} bytes")
    with wheel.open(member) as source, to.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return to


def _tensile(found: Carried, files: dict[str, Path], arch: str) -> Library:
    """Tensile's files by their names; where those of the arch are there, they must fit too."""
    library = judged(found, arch)
    if not library.has_arch:
        return library
    fit = fits.fit(files, arch)
    if fit.fits:
        return library
    more = f" (and {len(fit.reasons) - 1} more)" if len(fit.reasons) > 1 else ""
    says = f"has {arch} files, which do not fit: {fit.reasons[0]}{more}"
    return replace(library, has_arch=False, says=says)
