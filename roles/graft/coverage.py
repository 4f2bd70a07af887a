"""Coverage: which libraries of a ROCm tree, a venv or a wheel have code for a card."""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from roles.graft import bundle, codeobject
from roles.graft import fit as fits
from roles.graft.bundle import UnreadableError

# Where libraries lie in a ROCm tree, in site-packages and in a virtual environment.
PLACES = ("lib", "lib64", "torch/lib", "lib/python3*/site-packages/torch/lib")
TENSILE = "rocblas/library"  # the one folder whose files we can hold against each other
# libtorch_hip and librocsparse have one to two; a wheel's member says its own size.
MOST_MEMBER = 8 << 30


@dataclass(frozen=True)
class Known:
    """A row of libraries.toml, which says what each word means."""

    name: str
    serves: str
    needed: bool
    without: str
    file: str = ""
    folder: str = ""

    def is_named(self, name: str) -> bool:
        """Whether this is the library's file: librocblas.so or librocblas.so.5.0.70002"""
        return bool(self.file) and bool(re.fullmatch(rf"{self.file}\.so(\.[0-9]+)*", name))


@dataclass(frozen=True)
class Library:
    """+ needed: whether a card works with it only where it has code for it + says: in words"""

    name: str
    path: str
    archs: tuple[str, ...]
    has_arch: bool
    needed: bool
    says: str

    @property
    def lacks(self) -> bool:
        return self.needed and not self.has_arch


@dataclass(frozen=True)
class Coverage:
    path: str
    arch: str
    libraries: tuple[Library, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@cache
def known() -> tuple[Known, ...]:
    data = tomllib.loads(Path(__file__).with_name("libraries.toml").read_text(encoding="utf-8"))
    return tuple(Known(**row) for row in data["library"])


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
    order = {row.name: number for number, row in enumerate(known())}
    found.sort(key=lambda one: (order[one.name], one.path))
    return Coverage(str(path), arch, tuple(found))


def _folder(root: Path, arch: str) -> Iterator[Library]:
    # A library has several names, and a ROCm tree may have two: each real file once.
    places = {root.resolve(): None}
    places |= {each.resolve(): None for place in PLACES for each in sorted(root.glob(place))}
    for row in known():
        seen = set()
        for place in places:
            if row.folder and (place / row.folder).is_dir():
                seen.add((place / row.folder).resolve())
            elif row.file and place.is_dir():
                seen |= {each.resolve() for each in place.iterdir() if row.is_named(each.name)}
        for path in sorted(seen):
            if row.file:
                yield _library(row, str(path), path, arch)
            else:
                files = fits.listing(path)
                yield _kernel_files(row, str(path), files, files, arch)


def _wheel(path: Path, arch: str) -> Iterator[Library]:
    """A wheel is compressed: what we look at is unpacked, one library at a time."""
    try:
        with zipfile.ZipFile(path) as wheel, tempfile.TemporaryDirectory() as into:
            members = {each.filename: each for each in wheel.infolist() if not each.is_dir()}
            for row in known():
                if row.file:
                    for name in members:
                        if row.is_named(PurePosixPath(name).name):
                            local = _unpacked(wheel, members[name], Path(into) / "library")
                            yield _library(row, name, local, arch)
                            local.unlink()
                else:
                    yield from _wheel_folder(row, wheel, members, Path(into), arch)
    # zipfile speaks of encryption and of unknown methods in the last two
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise UnreadableError(f"{path} cannot be unpacked: {error}") from error


def _wheel_folder(
    row: Known,
    wheel: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    into: Path,
    arch: str,
) -> Iterator[Library]:
    for folder in sorted({found[1] for name in members if (found := _split(name, row.folder))}):
        inside = [name for name in members if name.startswith(f"{folder}/")]
        names = {name.removeprefix(f"{folder}/"): members[name] for name in inside}
        files = {}
        for number, (name, member) in enumerate(sorted(names.items())):
            if row.folder == TENSILE and (
                fits.carries(name, arch) or name.endswith("_fallback.dat")
            ):
                files[name] = _unpacked(wheel, member, into / f"file{number}")
        yield _kernel_files(row, folder, names, files, arch)


def _split(name: str, folder: str) -> re.Match[str] | None:
    return re.match(rf"((?:.*/)?{re.escape(folder)})/", name)


def _unpacked(wheel: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> Path:
    if member.file_size > MOST_MEMBER:
        raise ValueError(f"{member.filename} claims {member.file_size} bytes")
    with wheel.open(member) as source, to.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return to


def _library(row: Known, shown: str, path: Path, arch: str) -> Library:
    """One library by the targets of its device code."""
    try:
        fatbin = codeobject.section(bundle.mapped(path), ".hip_fatbin")
        targets = set(bundle.targets(fatbin)) if fatbin is not None else set()
    except UnreadableError as error:
        return Library(row.name, shown, (), False, row.needed, f"cannot be read: {error}")
    archs = {_arch(target) for target in targets}
    return _judged(row, shown, archs, arch in archs, arch)


def _arch(target: str) -> str:
    """A target in short. What is for xnack on only does not run on a card with it off."""
    arch = bundle.arch_of(target) or target
    return f"{arch}:xnack+" if target.endswith(":xnack+") else arch


def _kernel_files(
    row: Known, shown: str, names: Iterable[str], files: dict[str, Path], arch: str
) -> Library:
    """A folder of kernels by the names of its files; Tensile's must also fit each other."""
    archs = {each for name in names for each in re.findall("gfx[0-9a-f]+", name)}
    if arch not in archs or row.folder != TENSILE:
        return _judged(row, shown, archs, arch in archs, arch)
    found = fits.fit(files, arch)
    if not found.fits:
        more = f" (and {len(found.reasons) - 1} more)" if len(found.reasons) > 1 else ""
        says = f"has {arch} files, which do not fit: {found.reasons[0]}{more}"
        return Library(row.name, shown, tuple(sorted(archs)), False, row.needed, says)
    return _judged(row, shown, archs, True, arch)


def _judged(row: Known, shown: str, archs: set[str], has_arch: bool, arch: str) -> Library:
    if has_arch:
        says = f"{row.serves}: has code for {arch}"
    else:
        says = f"{row.serves}: no code for {arch}; {row.without.format(arch=arch)}"
    return Library(row.name, shown, tuple(sorted(archs)), has_arch, row.needed, says)
