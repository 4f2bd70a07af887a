"""A look at a lab box without pyinfra: the roles' own questions, asked over SSH."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from roles.finding import Finding
from roles.gpu import gpus, probes
from roles.gpu.gpus import Gpus
from roles.look import shell
from roles.preflight.deploy import judge
from roles.preflight.probes import probes as preflight_probes
from roles.preflight.settings import Settings
from roles.preflight.state import state

from .box import Box

Told = dict[str, list[str]]
VOLATILE = ("disk", "kernel log", "space", "room")  # differ from look to look


def cards(box: Box) -> Gpus:
    """What roles/gpu sees."""
    return gpus.read(box.ssh(shell.script(probes.live())).stdout.split("\n"))


def findings(
    box: Box,
    user: str = "user",
    addresses: dict[str, str] | None = None,
) -> dict[str, Finding]:
    """What roles/preflight finds, the worst of each code."""
    told = box.ssh(shell.script(preflight_probes(user, addresses or {}))).stdout.split("\n")
    order = ("ok", "note", "warning", "stop")
    found = judge(state(told), cards(box), Settings(), "gfx906")
    return {one.code: one for one in sorted(found, key=lambda one: order.index(one.level))}


def told(box: Box, asked: Iterable[Mapping[str, str]]) -> Told:
    """What a box answers to the questions of several roles."""
    said = [shell.sections(box.ssh(shell.script(one)).stdout.split("\n")) for one in asked]
    return {
        f"{number} {name}": sorted(re.sub(r"after \d+ ms", "", line) for line in body)
        for number, sections in enumerate(said)
        for name, body in sections.items()
        if name not in VOLATILE
    }


def told_after(
    box: Box, changes: Iterable[str], asked: Iterable[Mapping[str, str]]
) -> Iterator[tuple[str, Told, Told, Told]]:
    """
    After each change: it, what the box answers, what it does if it has kept no answers, and what it
    answered before.
    """
    asked = list(asked)
    before = told(box, asked)
    for change in changes:
        box.ssh(change)
        found = told(box, asked)
        box.ssh("rm -r /run/regraft")
        anew = told(box, asked)
        yield change, found, anew, before
        before = anew
