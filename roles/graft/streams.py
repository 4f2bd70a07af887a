"""A package as one stream of tar, whatever it is packed with; it is read once, and never whole."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import zstandard

SNIFFED = 512
MOST_HEADER = 1 << 16  # bytes of a member's own extra header, which is read whole
MOST_MEMBERS = 50_000
MOST_READ = 64 << 30  # bytes of tar: a bomb's are more
AR = b"!<arch>\n"
AR_HEADER = 60

BROKEN = (  # what the libraries raise at bytes that are not what they should be
    *(tarfile.TarError, zstandard.ZstdError, zlib.error, lzma.LZMAError),
    *(EOFError, OSError, ValueError, ArithmeticError),
)

SIZE = re.compile(rb"(?:^|\n)\d+ size=(\d{1,15})\n")  # of the next member, in what is said of it
EXTRA = {  # types of a member that says more of the next one
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
}
KNOWN = {  # what else people are served, by its first bytes
    b"PK\x03\x04": "a zip archive",
    b"\x7fELF": "an ELF file",
    b"\xed\xab\xee\xdb": "an RPM package",
    b"-----BEGIN PGP": "an OpenPGP message",
    b"version https://git-lfs": "a pointer of Git LFS, without what it points to",
}


class Refused(Exception):  # noqa: N818 - reads as what it says
    """The package is not what it should be; says what it is, and where that shows."""


class Followed(io.RawIOBase):
    """
    A stream of tar that is followed from header to header while tarfile reads it. tarfile takes
    damage for the archive's end, needs no mark at that end, and reads long names and attributes
    whole, however long they are; what it does in between is its own affair, and changes.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.count = source, 0
        self.block = bytearray()  # what has come of the next header
        self.data = 0  # bytes until then
        self.said: bytearray | None = None  # what a member has come to say of the next one
        self.size: int | None = None  # of the next one, if that was said
        self.ended = False

    def read(self, size: int = -1, /) -> bytes:
        chunk = self.source.read(size)
        self.count += len(chunk)
        if self.count > MOST_READ:
            raise Refused(f"it unpacks to more than {MOST_READ} bytes")
        if not chunk and not self.ended:
            raise Refused("it ends in the middle: what marks the end of an archive is not there")
        rest = memoryview(chunk)
        while rest and not self.ended:
            rest = rest[self._take(rest) :]
        return chunk

    def drain(self) -> None:
        """Read the rest: what packed it keeps its checksum at the end."""
        while self.read(1 << 20):
            pass

    def _take(self, rest: memoryview) -> int:
        """Go on by what belongs to one header or to one member's data; how much that is."""
        if self.data:
            size = min(self.data, len(rest))
            self.data -= size
            if self.said is not None:
                self.said += rest[:size]
            return size
        size = min(tarfile.BLOCKSIZE - len(self.block), len(rest))
        self.block += rest[:size]
        if len(self.block) == tarfile.BLOCKSIZE:
            self._header(bytes(self.block))
            self.block.clear()
        return size

    def _header(self, block: bytes) -> None:
        if not any(block):
            self.ended = True
            return
        try:
            found = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            why = "it is damaged: in place of a member's header is something else"
            raise Refused(why) from None
        if found.type == tarfile.GNUTYPE_SPARSE:
            raise Refused(f"{found.name!r} is a file with holes")
        if self.said is not None and (told := SIZE.search(self.said)):
            self.size = int(told[1])
        size = found.size
        if found.type in EXTRA:
            if size > MOST_HEADER:
                raise Refused(f"a member's header has {size} bytes")
            self.said = bytearray()
        else:
            size, self.size, self.said = self.size or size, None, None
        if found.isreg() or found.type not in tarfile.SUPPORTED_TYPES or found.type in EXTRA:
            self.data = -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


class Slice(io.RawIOBase):
    """The next so many bytes of a file as a file."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self.source, self.left = source, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast(bytearray, buffer))
        chunk = self.source.read(min(len(view), self.left))
        if not chunk and self.left:
            raise EOFError(f"it ends {self.left} bytes too early")
        view[: len(chunk)] = chunk
        self.left -= len(chunk)
        return len(chunk)


@contextmanager
def members(source: io.BufferedReader) -> Iterator[tarfile.TarFile]:
    """A tar to go through once, in order."""
    followed = Followed(unpacked(source))
    with tarfile.open(fileobj=followed, mode="r|", bufsize=1 << 20) as tar:
        yield tar
        followed.drain()


def each(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Its members, as long as there can be so many: tarfile keeps them all in memory."""
    for count, member in enumerate(tar):
        if count >= MOST_MEMBERS or member.size < 0:
            raise Refused(f"it has more than {MOST_MEMBERS} members, or one without a size")
        yield member


def unpacked(source: io.BufferedReader) -> IO[bytes]:
    """The tar in it. Refused names what it is, if it is none."""
    head = source.peek(SNIFFED)[:SNIFFED]
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
        return cast(IO[bytes], reader)
    if head.startswith(b"\xfd7zXZ\x00"):
        return cast(IO[bytes], lzma.open(source))
    if head.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.open(source))
    if head.startswith(b"BZh"):
        return cast(IO[bytes], bz2.open(source))
    if head[257:262] == b"ustar":
        return source
    raise Refused(f"it is {kind(head)}, not an archive")


def kind(head: bytes) -> str:
    """What a file seems to be, for a person."""
    if not head:
        return "empty"
    if head.lstrip()[:1] == b"<":
        return "an HTML page"
    for mark, name in KNOWN.items():
        if head.startswith(mark):
            return name
    shown = head[:24].decode("ascii", errors="replace")
    return f"something that begins with {shown!r}"


def of_ar(source: IO[bytes]) -> Iterator[tuple[str, io.BufferedReader[Any]]]:
    """The parts of a .deb, in order, by name; each is read before the next is asked for."""
    if (mark := source.read(len(AR))) != AR:
        raise Refused(f"it is {kind(mark + source.read(SNIFFED))}, not a Debian package")
    while header := source.read(AR_HEADER):
        name, size = header[:16].decode("ascii", "replace").strip(), header[48:58].strip()
        if len(header) < AR_HEADER or not size.isdigit() or header[58:] != b"`\n":
            raise Refused("its outer archive is damaged")
        part = io.BufferedReader(Slice(source, int(size)), 1 << 20)
        yield name.rstrip("/"), part
        while part.read(1 << 20):
            pass
        source.read(int(size) % 2)
