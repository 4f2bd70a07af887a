"""The commands that change a box, put together from the shell in do/. Pure: text out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from roles.alone import alone
from roles.apt import with_apt
from roles.look.shell import snippet
from roles.place import place
from roles.vllm.model import PREFIX
from roles.vllm.probes import BROUGHT, CACHES, HUB, KEPT, UNITS

DO = Path(__file__).with_name("do")


def engine() -> str:
    """Docker, from the distribution."""
    return alone(with_apt(DO / "engine.sh", kept=KEPT))


def make_room(names: Iterable[str]) -> str:
    """A folder for an image's files, with those in it that a run that was killed has brought."""
    return alone(snippet(DO / "room.sh", folder=BROUGHT, wanted="\n".join(names)))


def load(program: str, image: str, manifest: str) -> str:
    """The files there as an image. + image: its id + manifest: what belongs beside them"""
    return alone(
        snippet(
            DO / "load.sh",
            engine=program,
            id=image,
            folder=BROUGHT,
            manifest=manifest,
            kept=f"{KEPT}-images",
        )
    )


def make_key(path: str) -> str:
    return snippet(DO / "key.sh", key=path, kept=f"{KEPT}-key")


def own_key(path: str) -> str:
    """The file that is there, for root alone."""
    return f"chown root: {shlex.quote(path)} && chmod 600 {shlex.quote(path)}"


def start(unit: str, text: str) -> str:
    """
    A unit with this text, running.

    It is stopped first: whenever this is cut off, what runs is what the file says.
    """
    stop = f"systemctl stop {shlex.quote(unit)} 2>/dev/null\n"
    return stop + place({f"{UNITS}/{unit}": text}) + "\n" + snippet(DO / "start.sh", unit=unit)


def restart(unit: str) -> str:
    return snippet(DO / "start.sh", unit=unit)


def away(program: str, units: Iterable[str]) -> str:
    """Units and their containers. + program: of the engine; "": there is none"""
    return snippet(
        DO / "away.sh",
        engine=program,
        units=" ".join(map(shlex.quote, units)),
        caches=CACHES,
        prefix=PREFIX,
    )


def forget(program: str, images: Iterable[str]) -> str:
    """Images of ours."""
    return snippet(DO / "forget.sh", engine=program, images=" ".join(images), kept=f"{KEPT}-images")


def remove() -> str:
    return alone(with_apt(DO / "remove.sh", kept=KEPT, hub=HUB, caches=CACHES, brought=BROUGHT))
