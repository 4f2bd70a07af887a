"""The commands that change a box, put together from the shell in do/. Pure: text out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from roles.apt import with_apt
from roles.graft import answer
from roles.graft.order import Built
from roles.look.shell import snippet

DO = Path(__file__).with_name("do")
FOLDER = "/var/cache/regraft"  # of root alone: what lies there is installed


def uploaded(built: Built) -> str:
    """Where a graft's package lies on the box until it is installed."""
    return f"{FOLDER}/{built.name}_{built.version}_amd64.deb"


def make_room() -> str:
    """A folder for it, without what a run that was killed has left there."""
    return f"rm -rf {FOLDER} && install -d -m 700 {FOLDER}"


def would(deb: str) -> str:
    """Not a change: what apt would say to a package that lies on the box."""
    return with_apt(DO / "would.sh", deb=deb)


def install(built: Built) -> str:
    return with_apt(DO / "install.sh", deb=uploaded(built), sum=built.sha256)


def remove(names: Iterable[str]) -> str:
    return with_apt(DO / "remove.sh", names=" ".join(names))


def survey(prefix: str, key: str) -> str:
    """By a program that the command gets as its input. + key: what the answer is kept under"""
    return snippet(DO / "survey.sh", folder=f"{prefix}/lib", key=key, kept=answer.KEPT)


def forget() -> str:
    return snippet(DO / "forget.sh", kept=answer.KEPT)
