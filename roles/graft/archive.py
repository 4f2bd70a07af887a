"""What is wanted of a package, taken out of it in one pass, checked, and put in place whole."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from roles.graft.streams import BROKEN, Refused, each, members, of_ar

MOST_FILES = 2048
MOST_FILE = 512 << 20  # bytes; the largest code object of a card that we know has 20 MB
MOST_TAKEN = 2 << 30
MOST_TOLD = 64 << 20  # of a package's own list of files, unpacked

# usr/lib/x86_64-linux-gnu/rocblas/5.0.0/library/NAME; a plain tarball may have it anywhere
LIBRARY = re.compile(r"(.*/)?rocblas/([^/]+/)?library/")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
ESCAPE = re.compile(r"\\([0-7]{3})")
NOTE = "unpacked.json"

__all__ = ["Refused", "Unpacked", "kept", "unpack", "wanted"]


@dataclass(frozen=True)
class Unpacked:
    """+ files: where each lies, by its name + version: what the package calls itself"""

    files: dict[str, Path]
    version: str


def unpack(
    package: Path, arch: str, into: Path, *, kind: str = "arch", expected: str = ""
) -> Unpacked:
    """
    Take a card's files and the fallback catalogs out of a package, into a fresh folder.

    + into: appears whole or not at all; what was there before goes. One at a time, says the caller
    + kind: of a donor (arch, deb, tar)
    + expected: the version that the package has to call itself
    """
    new = into.with_name(f".{into.name}.new")
    shutil.rmtree(new, ignore_errors=True)  # of a run that was killed
    new.mkdir(parents=True)
    taking = _Taking(new, arch, anywhere=kind == "tar")
    try:
        with package.open("rb") as file:
            version = READERS[kind](file, taking, expected)
        _settle(new, taking, version)
        shutil.rmtree(into, ignore_errors=True)
        os.rename(new, into)
    except Refused as problem:
        raise Refused(f"{package}: {problem}") from problem
    except BROKEN as problem:
        if isinstance(problem, OSError) and problem.errno:
            raise  # the disk's, not the package's
        said = str(problem) or type(problem).__name__
        raise Refused(f"{package} cannot be unpacked: {said}") from problem
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return Unpacked({name: into / name for name in sorted(taking.taken)}, version)


def kept(into: Path) -> Unpacked | None:
    """What `unpack` put into this folder before, if all of it is still there."""
    try:
        told = json.loads((into / NOTE).read_text())
        files = {name: into / name for name in sorted(told["sizes"])}
        if any(path.stat().st_size != told["sizes"][name] for name, path in files.items()):
            return None
    except (OSError, ValueError, KeyError):
        return None
    return Unpacked(files, told["version"])


def wanted(name: str, arch: str) -> bool:
    """Whether a file of a library directory goes into a graft, by its name."""
    return name.endswith("_fallback.dat") or bool(re.search(rf"{arch}(?![0-9a-z])", name))


@dataclass
class _Taking:
    """What has been taken so far. + anywhere: the library's files lie in no folder of that name"""

    folder: Path
    arch: str
    anywhere: bool
    taken: dict[str, str] = field(default_factory=dict)  # sha256 by name
    paths: dict[str, str] = field(default_factory=dict)  # in the package, by name
    size: int = 0

    def offer(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Take this member if it is wanted."""
        folder, _, name = member.name.rpartition("/")
        there = self.anywhere or LIBRARY.fullmatch(f"{folder}/")
        if not there or member.isdir() or not wanted(name, self.arch):
            return
        self._refuse(member, name)
        source = tar.extractfile(member)
        assert source is not None  # it is a regular file
        self.taken[name] = _copied(source, self.folder / name)
        self.paths[name] = member.name.removeprefix("./")
        self.size += member.size

    def _refuse(self, member: tarfile.TarInfo, name: str) -> None:
        """Stop at what no honest package has."""
        where = repr(member.name)
        if member.name.startswith("/") or ".." in member.name.split("/"):
            raise Refused(f"{where} leads out of the package")
        if not NAME.fullmatch(name):
            raise Refused(f"{where} is no name of a library's file")
        if not member.isreg():
            raise Refused(f"{where} is a link or a device, not a file")
        if name in self.taken:
            raise Refused(f"{where} is in it twice")
        if member.size > MOST_FILE or self.size + member.size > MOST_TAKEN:
            raise Refused(f"{where} has {member.size} bytes, more than can be")
        if len(self.taken) >= MOST_FILES:
            raise Refused(f"it has more than {MOST_FILES} files for {self.arch}")


def _of_arch(file: io.BufferedReader, taking: _Taking, expected: str) -> str:
    info: dict[str, str] = {}
    listed: dict[str, str] | None = None
    with members(file) as tar:
        for member in each(tar):
            if member.name == ".PKGINFO":
                info = dict(_pairs(_told(tar, member)))
                _is_rocblas(info.get("pkgname", ""), r"rocblas", info.get("pkgver", ""), expected)
            elif member.name == ".MTREE":
                listed = dict(_sums(_told(tar, member)))
            else:
                taking.offer(tar, member)
    if not info:
        raise Refused("it has no .PKGINFO: it is no package of Arch Linux")
    for name, digest in taking.taken.items():
        if listed is not None and (said := listed.get(taking.paths[name])) != digest:
            raise Refused(f"{name} has sha256 {digest}, its own .MTREE says {said}")
    return info["pkgver"]


def _of_deb(file: io.BufferedReader, taking: _Taking, expected: str) -> str:
    version, seen = "", False
    for name, part in of_ar(file):
        if name.startswith("control.tar"):
            with members(part) as tar:
                for member in each(tar):
                    if member.name.removeprefix("./") == "control":
                        told = _told(tar, member)
                        rows = dict(line.partition(": ")[::2] for line in told.splitlines())
                        version = rows.get("Version", "")
                        package = rows.get("Package", "")
                        _is_rocblas(package, r"(lib)?rocblas[0-9.]*", version, expected)
        elif name.startswith("data.tar"):
            seen = True
            with members(part) as tar:
                for member in each(tar):
                    taking.offer(tar, member)
    if not version or not seen:
        raise Refused("it ends before its files: it is no whole Debian package")
    return version


def _of_tar(file: io.BufferedReader, taking: _Taking, expected: str) -> str:
    with members(file) as tar:
        for member in each(tar):
            taking.offer(tar, member)
    return expected  # a tarball says nothing of itself


READERS = {"arch": _of_arch, "deb": _of_deb, "tar": _of_tar}


def _is_rocblas(name: str, pattern: str, version: str, expected: str) -> None:
    if not re.fullmatch(pattern, name):
        raise Refused(f"it is the package {name!r}, not rocblas")
    if expected and version != expected:
        raise Refused(
            f"it is version {version}, wanted is {expected} (does that mirror serve the newest "
            "under every name?)"
        )


def _told(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    """What a package says of itself, unpacked where it is packed."""
    source = tar.extractfile(member) if member.isreg() else None
    if source is None or member.size > MOST_TOLD:
        raise Refused(f"{member.name!r} is no plain file, or too large for one")
    content = source.read()
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as packed:
            content = packed.read(MOST_TOLD + 1)
    if len(content) > MOST_TOLD:
        raise Refused(f"{member.name!r} unpacks to more than {MOST_TOLD} bytes")
    return content.decode("utf-8", errors="replace")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The first value of each key in a .PKGINFO."""
    seen = set()
    for line in text.splitlines():
        key, equals, value = line.partition(" = ")
        if equals and not key.startswith("#") and key not in seen:
            seen.add(key)
            yield key, value


def _sums(text: str) -> Iterator[tuple[str, str]]:
    """The sha256 of each file in a .MTREE, by its path."""
    for line in text.splitlines():
        path, *words = line.split(" ")
        if path.startswith("./"):
            said = dict(word.partition("=")[::2] for word in words)
            name = ESCAPE.sub(lambda found: chr(int(found[1], 8)), path[2:])
            if digest := said.get("sha256digest") or said.get("sha256"):
                yield name, digest


def _copied(source: IO[bytes], path: Path) -> str:
    """Write it, and give its sha256."""
    digest = hashlib.sha256()
    with path.open("xb") as file:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _settle(new: Path, taking: _Taking, version: str) -> None:
    """What is said beside the files, so that they are known again."""
    if not any(taking.arch in name for name in taking.taken):
        raise Refused(f"it has no file for {taking.arch} below rocblas/library")
    sizes = {name: (new / name).stat().st_size for name in taking.taken}
    (new / NOTE).write_text(json.dumps({"version": version, "sizes": sizes}, indent=1))
