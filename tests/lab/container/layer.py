"""An image's files: layers out of tars, the config, the manifest. Pure: bytes in, bytes out.

The same content gives the same digests, whenever it was packed: every file is of one date and
root's, and nothing is in it by which one machine's packages could be told from another's.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

DATE = 1766966400  # 2025-12-29, as the real one's
SAID = "2025-12-29T00:00:00Z"
PACKED = 1  # the quickest: it is unpacked under emulation
# A shell, Python, and what these two need: the libraries that are linked, not those of modules that
# the standard library does without.
KEPT = re.compile(
    r"(s?bin|lib\w*|tmp)$"
    r"|usr/bin/(sh|dash|python3(\.\d+)?)$"
    r"|usr/lib64/|usr/lib/\w+-linux-gnu/(ld-linux-x86-64|lib(c|m|z|expat))\.so"
    r"|usr/lib/python3\.\d+/|etc/python3"
)
LEFT_OUT = re.compile(
    r"usr/lib/python3\.\d+/(lib-dynload/(?!_json)|(asyncio|concurrent|ctypes|curses|dbm|distutils"
    r"|ensurepip|idlelib|lib2to3|multiprocessing|pydoc_data|sqlite3|test|tkinter|tomllib|unittest"
    r"|venv|wsgiref|xml|xmlrpc|zoneinfo)(/|$))"
)
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)


@dataclass(frozen=True)
class Layer:
    """+ content: packed + unpacked: the digest of what is packed, as a config calls a layer"""

    content: bytes
    unpacked: str


def digest(content: bytes) -> str:
    """What a registry calls it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def of_tree(source: IO[bytes]) -> Layer:
    """What a program needs of a root filesystem. + source: it as a tar"""
    with tarfile.open(fileobj=source, mode="r:") as tar:
        found = {_inside(member.name): member for member in tar}
        names = {name for name in found if KEPT.match(name) and not LEFT_OUT.match(name)}
        names |= {str(above) for name in names for above in PurePosixPath(name).parents} - {"."}
        return _layer(
            (_plain(name, one), tar.extractfile(one) if one.isfile() else None)
            for name, one in sorted(found.items())
            if name in names
        )


def of_programs(programs: Mapping[str, bytes]) -> Layer:
    """Executables, by path."""
    members: list[tuple[tarfile.TarInfo, IO[bytes] | None]] = []
    for name, content in sorted(programs.items()):
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(content), 0o755, DATE
        members.append((member, io.BytesIO(content)))
    return _layer(members)


def config(layers: Iterable[Layer], made: str) -> bytes:
    """The image's config. + made: how, in a line"""
    rootfs = {"type": "layers", "diff_ids": [one.unpacked for one in layers]}
    told = {
        "architecture": "amd64",
        "os": "linux",
        "created": SAID,
        "config": {"Env": [*ENVIRONMENT], "Cmd": ["/bin/sh"], "WorkingDir": "/"},
        "rootfs": rootfs,
        "history": [{"created": SAID, "created_by": made} for _ in rootfs["diff_ids"]],
    }
    return _json(told)


def manifest(config: bytes, layers: Iterable[Layer]) -> bytes:
    """What leads to the config and the layers."""
    told = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _row(config, CONFIG),
        "layers": [_row(one.content, LAYER) for one in layers],
    }
    return _json(told)


def _layer(members: Iterable[tuple[tarfile.TarInfo, IO[bytes] | None]]) -> Layer:
    unpacked = io.BytesIO()
    with tarfile.open(fileobj=unpacked, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in members:
            tar.addfile(member, content)
    whole = unpacked.getvalue()
    return Layer(gzip.compress(whole, PACKED, mtime=0), digest(whole))


def _plain(name: str, member: tarfile.TarInfo) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.mode, made.mtime = member.type, member.mode, DATE
    made.linkname = _inside(member.linkname) if member.islnk() else member.linkname
    made.size = member.size
    return made


def _inside(name: str) -> str:
    return str(PurePosixPath(name))  # ./usr/bin/sh


def _row(content: bytes, kind: str) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(content), "digest": digest(content)}


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, indent=1).encode()
