"""A .deb, written so that the same contents give the same bytes, on any controller.

Nothing is kept in memory: a graft is larger than a small controller can spare.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import zstandard

DATE = 1754524800  # of every file in it; ROCm 6.4.3's day
LEVEL = 3  # code objects: 19 gains 15 % and takes twenty times as long
CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """A file. + path: absolute, on the box + content: the bytes, or where they lie"""

    path: str
    content: bytes | Path


def write(
    control: Mapping[str, str],
    scripts: Mapping[str, str],
    members: Iterable[Member],
    into: Path,
) -> None:
    """
    Write a package, whole or not at all.

    + control: the fields of its control file; Installed-Size is added
    + scripts: maintainer scripts and triggers
    + members: its files, in the order in which dpkg is to put them in place
    """
    data, half = into.with_suffix(".data"), into.with_suffix(f".{os.getpid()}")
    try:
        sums, size = _write_data(members, data)
        fields = {**control, "Installed-Size": str(-(-size // 1024))}
        text = "".join(f"{name}: {value}\n" for name, value in fields.items())
        parts = {"control": text, "md5sums": sums, **scripts}
        with half.open("wb") as archive:
            archive.write(b"!<arch>\n")
            _put(archive, "debian-binary", io.BytesIO(b"2.0\n"), 4)
            small = _control(parts)
            _put(archive, "control.tar.zst", io.BytesIO(small), len(small))
            with data.open("rb") as packed:
                _put(archive, "data.tar.zst", packed, data.stat().st_size)
            archive.flush()
            os.fsync(archive.fileno())
        half.replace(into)
    finally:
        data.unlink(missing_ok=True)
        half.unlink(missing_ok=True)


def _write_data(members: Iterable[Member], into: Path) -> tuple[str, int]:
    """The files' archive. Gives their md5sums, as dpkg keeps them, and their bytes in all."""
    sums: dict[str, str] = {}
    total = 0
    packer = zstandard.ZstdCompressor(level=LEVEL, threads=-1)
    with (
        into.open("wb") as raw,
        packer.stream_writer(raw) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        seen: set[PurePosixPath] = set()
        for member in members:
            for folder in _folders(member.path, seen):
                tar.addfile(_header(folder, tarfile.DIRTYPE, 0o755))
            with _opened(member.content) as content:
                size = content.seek(0, os.SEEK_END)
                content.seek(0)
                hashed = _Hashing(content)
                tar.addfile(_header(member.path, tarfile.REGTYPE, 0o644, size), hashed)
            sums[member.path.lstrip("/")] = hashed.md5.hexdigest()
            total += size
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items())), total


class _Hashing:
    """A file that is hashed by being read: each is read once."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.md5 = hashlib.md5(usedforsecurity=False)

    def read(self, size: int = CHUNK) -> bytes:
        block = self.file.read(size)
        self.md5.update(block)
        return block


def _opened(content: bytes | Path) -> IO[bytes]:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def _folders(path: str, seen: set[PurePosixPath]) -> Iterator[str]:
    """Those above a file that are not in the archive yet: dpkg removes only what it knows."""
    for folder in reversed(PurePosixPath(path).parents):
        if folder not in seen:
            seen.add(folder)
            yield str(folder)


def _header(path: str, kind: bytes, mode: int, size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(f".{path}" if path != "/" else ".")
    info.type, info.mode, info.size, info.mtime = kind, mode, size, DATE
    info.uname = info.gname = "root"
    return info


def _control(parts: Mapping[str, str]) -> bytes:
    told = io.BytesIO()
    with tarfile.open(fileobj=told, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(_header("/", tarfile.DIRTYPE, 0o755))
        for name, text in parts.items():
            content = text.encode()
            mode = 0o755 if text.startswith("#!") else 0o644
            info = _header(f"/{name}", tarfile.REGTYPE, mode, len(content))
            tar.addfile(info, io.BytesIO(content))
    return zstandard.ZstdCompressor(level=LEVEL).compress(told.getvalue())


def _put(archive: IO[bytes], name: str, content: IO[bytes], size: int) -> None:
    """A member of an ar archive: a header of sixty bytes, and an even number of bytes."""
    archive.write(f"{name:<16}{DATE:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode())
    while block := content.read(CHUNK):
        archive.write(block)
    archive.write(b"\n" * (size % 2))
