"""The commands that change a box, put together from the shell in do/. Pure: text out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath

from roles.alone import alone
from roles.apt import with_apt
from roles.graft.order import Built
from roles.look.shell import snippet
from roles.pytorch.probes import wheel
from roles.pytorch.seen import Place
from roles.upstream.wheel import Wheel

DO = Path(__file__).with_name("do")
FOLDER = "/var/cache/regraft-wheels"


def wait() -> str:
    """Until nobody is at it any more."""
    return alone("true")


def make_room() -> str:
    """A folder for the wheels, without what a run that was killed has left there."""
    return alone(f"rm -rf {FOLDER} && install -d {FOLDER}")


def make(user: str, venv: str, python: str, wheels: Iterable[Wheel], anew: bool) -> str:
    """An environment with these wheels, which lie in the folder by now."""
    wanted = "\n".join(f"{one.name}=={one.version} --hash=sha256:{one.sha256}" for one in wheels)
    return alone(
        with_apt(
            DO / "make.sh",
            user=user,
            venv=venv,
            python=python,
            wheels=FOLDER,
            wanted=wanted,
            anew="yes" if anew else "",
        )
    )


def uploaded(built: Built) -> str:
    """Where a graft's wheel lies on the box until it is installed."""
    return f"{FOLDER}/{PurePath(built.path).name}"


def graft(user: str, place: Place, built: Built) -> str:
    return alone(
        snippet(
            DO / "graft.sh",
            user=user,
            venv=place.venv,
            arch=place.arch,
            ours=wheel(place.arch),
            wheel=uploaded(built),
            sum=built.sha256,
        )
    )


def remove(venv: str) -> str:
    return alone(with_apt(DO / "remove.sh", venv=venv))
