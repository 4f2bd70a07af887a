"""The preflight: look, judge, and stop the box that is not fit."""

from __future__ import annotations

from pyinfra.context import ctx_host, ctx_state

from roles import settings
from roles.finding import Finding, accept
from roles.gpu.facts import GpuLook
from roles.gpu.gpus import Gpus
from roles.gpu.settings import Settings as GpuSettings
from roles.look.once import UnseenError, ask
from roles.preflight import cards, software, system
from roles.preflight.facts import BoxState
from roles.preflight.settings import Settings
from roles.preflight.state import State
from roles.report.box import Report
from roles.report.operations import publish
from roles.upstream.settings import Settings as UpstreamSettings
from roles.upstream.table import upstreams


def preflight(arch: str, asks: tuple[str, ...]) -> Report | None:
    """
    Look at the box and judge it. None: leave it alone, it has been stopped and has said why.

    + arch: the one that the deploy is for
    + asks: the upstreams that the deploy has the box itself ask
    """
    host, state = ctx_host.get(), ctx_state.get()  # pyinfra's own proxies cannot be failed
    settings.check(host.data.dict())
    report = look(arch, asks)
    if report and report.level == "stop":
        publish(report)
        state.fail_hosts({host})  # the other boxes go on
        return None
    return report


def look(arch: str, asks: tuple[str, ...]) -> Report | None:
    """
    The box as it is now, judged. None: a look failed, and pyinfra has said why.

    + arch, asks: as for `preflight`
    """
    host = ctx_host.get()
    data = host.data.dict()
    gpu = settings.read(GpuSettings, data)
    table = upstreams(settings.read(UpstreamSettings, data).upstream_addresses)
    addresses = {one.name: one.probe_url for one in table if one.name in asks}
    try:
        seen, box = ask(GpuLook), ask(BoxState, user=gpu.gpu_user, addresses=addresses)
    except UnseenError:
        return None
    assert box  # a look that has failed is unseen
    return Report(
        box=host.name,
        system=f"{box.release.get('PRETTY_NAME', 'unknown system')}, kernel {box.kernel}",
        stand_in=gpu.gpu_stand_in,
        cards=seen.cards,
        findings=judge(box, seen, settings.read(Settings, data), arch),
    )


def judge(box: State, seen: Gpus, own: Settings, arch: str) -> tuple[Finding, ...]:
    """Every finding, in the order in which a person would look."""
    findings = [
        *cards.judge(box, seen, own, arch),
        *system.judge(box, own),
        *software.judge(box),
    ]
    return accept(findings, own.preflight_accept)
