"""A look at a lab box without pyinfra: the roles' own questions, asked over SSH."""

from __future__ import annotations

from roles.finding import Finding
from roles.gpu import gpus, probes
from roles.gpu.gpus import Gpus
from roles.look import shell
from roles.preflight.deploy import judge
from roles.preflight.probes import probes as preflight_probes
from roles.preflight.settings import Settings
from roles.preflight.state import state

from .box import Box


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
