"""What a box has of Triton, told apart from what its tools printed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from roles.look.shell import sections


@dataclass(frozen=True)
class State:
    """
    A box, as the role triton sees it.

    + marked: the version that a run of ours has brought; empty: none has
    + claims: name and version of each distribution that has put files into triton/
    + bad: files that are not as they were brought + loose: files that none has brought
    + c, cxx: whether there are compilers for C and C++ + headers: whether Python's are there
    + headers_package: Debian's package with them
    + unit: how a build goes, in systemd's word + building: what it is of
    + made: path and sha256 of the wheel that a build has made
    + memory: bytes that are available + space: file system and free bytes: the build's, and /tmp's
    + traces: files outside of the environment that runs of ours have left
    """

    marked: str
    claims: tuple[tuple[str, str], ...]
    bad: tuple[str, ...]
    loose: tuple[str, ...]
    c: bool
    cxx: bool
    headers: bool
    headers_package: str
    unit: str
    building: str
    made: tuple[str, str] | None
    processors: int
    memory: int
    space: tuple[tuple[str, int], ...]
    traces: tuple[str, ...]

    @property
    def active(self) -> bool:
        """Whether a build goes on."""
        return self.unit in ("active", "activating")

    @property
    def unit_known(self) -> bool:
        """Whether systemd remembers a build."""
        return self.active or self.unit == "failed"


@dataclass(frozen=True)
class Followed:
    """+ unit, result: systemd's words + size: of the log + lines: of it, those that are new"""

    unit: str
    result: str
    size: int
    lines: tuple[str, ...]

    @property
    def ended(self) -> bool:
        return self.unit not in ("active", "activating", "reloading")


def state(lines: Iterable[str]) -> State:
    """Read the answers to the role's probes."""
    said = sections(lines)
    claims, tools, room = (said[name] for name in ("claims", "tools", "room"))
    made = [text.split(None, 1) for text in _after(said["build"], "made")]
    return State(
        marked=_one(claims, "marked"),
        claims=tuple(_distribution(text) for text in _after(claims, "claims")),
        bad=tuple(_after(claims, "bad")),
        loose=tuple(_after(claims, "loose")),
        c="c" in tools,
        cxx="c++" in tools,
        headers="headers" in tools,
        headers_package=_one(tools, "package"),
        unit=_one(said["build"], "unit"),
        building=_one(said["build"], "of"),
        made=(made[0][1], made[0][0]) if made else None,
        processors=int(_one(room, "processors") or 1),
        memory=int(_one(room, "memory") or 0) << 10,
        space=tuple(
            (where, int(free))
            for free, where in (text.split(None, 1) for text in _after(room, "space"))
            if free.isdigit()
        ),
        traces=tuple(said["traces"]),
    )


def followed(lines: Iterable[str]) -> Followed:
    """Read what a build has said since."""
    told = sections(lines)["follow"]
    return Followed(
        _one(told, "unit"),
        _one(told, "result"),
        int(_one(told, "size") or 0),
        tuple(_after(told, "log")),
    )


def _after(lines: Iterable[str], word: str) -> list[str]:
    return [
        line.removeprefix(f"{word} ")
        for line in lines
        if line.startswith(f"{word} ") or line == word
    ]


def _one(lines: Iterable[str], word: str) -> str:
    return next(iter(_after(lines, word)), "")


def _distribution(folder: str) -> tuple[str, str]:
    name, _, version = PurePosixPath(folder).name.partition("-")
    return canonicalize_name(name), version
