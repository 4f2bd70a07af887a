"""Judging the cards: there, driven, linked, given address space, cooled."""

from __future__ import annotations

from roles.finding import Finding, Level
from roles.gpu.card import Card
from roles.gpu.gpus import Gpus
from roles.preflight.settings import Settings
from roles.preflight.state import State

GIB = 2**30
NO_ROOM = "error -12", "no space for", "failed to assign"


def judge(state: State, gpus: Gpus, settings: Settings, arch: str) -> list[Finding]:
    """Everything in this module. + arch: the one that the deploy is for"""
    ours = [card for card in gpus.cards if card.arch == arch]
    findings = [_present(gpus, ours, arch)]
    for card in ours:
        findings += [
            _driver(card, state, any(other.kfd_node is not None for other in ours)),
            _bar(card, state),
            *_link(card),
            *_heat(card, state, settings),
        ]
    return [*findings, *_atomics(state, ours), *_iommu(state, gpus)]


def _present(gpus: Gpus, ours: list[Card], arch: str) -> Finding:
    others = [f"{card.pci} {card.name} ({card.arch})" for card in gpus.cards if card not in ours]
    beside = f"beside {', '.join(others)}" if others else ""
    if ours:
        said = f"{len(ours)} {arch} card{'s' if len(ours) > 1 else ''}"
        names = ", ".join(f"{card.pci} {card.name}" for card in ours)
        return Finding("cards", "ok", said, f"{names} {beside}".strip())
    fix = "power cables, seat, Above 4G Decoding in the firmware; then: lspci -nnd 1002:"
    evidence = beside.removeprefix("beside ") or "no display function of vendor 1002 on PCI"
    return Finding("cards", "stop", f"no {arch} card in this box", evidence, fix)


def _driver(card: Card, state: State, others_free: bool) -> Finding:
    if card.kfd_node is not None:
        return Finding("driver", "ok", f"{card.pci} is driven", f"KFD node {card.kfd_node}")
    log = [line for line in state.kernel_log if card.pci in line]
    failed = [line for line in log if "fail" in line.lower() or "error" in line.lower()]
    look = "sudo dmesg | grep -iE 'amdgpu|kfd'"
    if failed:
        said = f"{card.pci}: the driver has tried it, and failed"
        return Finding("driver", "warning", said, "; ".join(failed)[-400:], look)
    if card.driver is None:
        said = f"{card.pci} has no driver yet"
        return Finding("driver", "note", said, "no driver is bound to it", "sudo modprobe amdgpu")
    if card.driver == "amdgpu":
        said = f"{card.pci}: amdgpu has it, but offers no compute node for it"
        return Finding("driver", "warning", said, "; ".join(log)[-400:], look)
    said = f"{card.pci} belongs to {card.driver}, not to amdgpu"
    fix = "if it is meant for this system: take it out of vfio-pci's ids, then reboot"
    level: Level = "note" if others_free else "stop"
    return Finding("driver", level, said, f"driver {card.driver}", fix)


def _bar(card: Card, state: State) -> Finding:
    log = [line for line in state.kernel_log if any(word in line for word in NO_ROOM)]
    fix = "turn on Above 4G Decoding (and Resizable BAR) in the firmware; else add pci=realloc"
    if card.bar_bytes is None:
        return Finding("bar", "note", f"{card.pci} does not show its address space", "no BAR read")
    if card.bar_bytes == 0:
        said = f"{card.pci} has no window for its memory: no driver can use it"
        evidence = "; ".join(log) or "BAR 0 has no address"
        return Finding("bar", "stop", said, evidence, fix)
    window = f"BAR 0 {_size(card.bar_bytes)}"
    if card.bar_smaller_than_vram:
        said = f"{card.pci} shows part of its memory: no peer-to-peer between cards"
        return Finding("bar", "note", said, f"{window} of {_size(card.vram_bytes or 0)}", fix)
    return Finding("bar", "ok", f"{card.pci} has its address space", window)


def _size(size: int) -> str:
    return f"{size / GIB:.0f} GiB" if size >= GIB else f"{size / 2**20:.0f} MiB"


def _link(card: Card) -> list[Finding]:
    if card.link is None:
        return []
    link = card.link
    said = f"{card.pci} is linked with x{link.width} at {link.speed_gts:g} GT/s"
    evidence = f"the board can x{link.max_width} at {link.max_speed_gts:g} GT/s"
    if link.width >= link.max_width:
        return [Finding("link", "ok", said, evidence)]
    level: Level = "note" if link.width >= 8 else "warning"
    fix = "reseat the card, try another slot or riser; models load slower, tensor-parallel suffers"
    return [Finding("link", level, said, evidence, fix)]


def _heat(card: Card, state: State, settings: Settings) -> list[Finding]:
    """Hot or not, by all sensors: the junction sensor of some used boards reads far too high."""
    if not card.temperatures:
        return []
    shown = "°C: " + ", ".join(f"{one.label} {one.celsius:.0f}" for one in card.temperatures)
    working = _works(card)
    too_hot = [
        one.label
        for one in card.temperatures
        if (one.critical_celsius and one.celsius >= one.critical_celsius)
        or (one.celsius >= settings.preflight_idle_celsius and not working)
    ]
    when = "at work" if working else "at rest"
    fix = "force air through the card (a shroud with a fan at its end), then run again"
    if any(label != "junction" for label in too_hot):
        said = f"{card.pci} is too hot {when}: nothing seems to cool it"
        return [Finding("cooling", "stop", said, shown, fix)]
    if too_hot:
        said = f"{card.pci}: junction alone reads too high {when}: a bad sensor or a bad contact"
        return [Finding("cooling", "warning", said, shown, fix)]
    return [_fan(card, state, when, shown)]


def _works(card: Card) -> bool:
    """Busy now, or between two pieces of work: a program holds memory on it."""
    held = (card.vram_used_bytes or 0) > GIB
    return (card.busy_percent or 0) > 5 or held or (card.power_watts or 0) > 60


def _fan(card: Card, state: State, when: str, shown: str) -> Finding:
    if card.fan_rpm:
        said = f"{card.pci} is not too hot {when}, its fan turns at {card.fan_rpm} rpm"
        return Finding("cooling", "ok", said, shown)
    said = f"{card.pci} is not too hot {when}; no fan of its own turns"
    turning = sum(turns > 0 for _, turns in state.fans)
    fix = "be sure that air is forced through it before any load: no sensor can tell"
    evidence = f"{shown}; {turning} other fans of the box turn" if turning else shown
    return Finding("cooling", "note", said, evidence, fix)


def _atomics(state: State, ours: list[Card]) -> list[Finding]:
    lines = [line for line in state.kernel_log if "atomic" in line.lower()]
    refused = [line for line in lines if "not supported" in line or "rejects" in line]
    if not ours or not refused:
        return []
    said = "the slot offers no PCIe atomics; gfx906 computes without them"
    return [Finding("atomics", "note", said, refused[0], "a slot of the processor has them")]


def _iommu(state: State, gpus: Gpus) -> list[Finding]:
    if len({card.pci for card in gpus.cards}) < 2:
        return []
    if {"iommu=pt", "iommu.passthrough=1"} & set(state.kernel_line):
        return [Finding("iommu", "ok", "several cards, and iommu=pt is set")]
    if not state.iommu:
        return [Finding("iommu", "ok", "several cards, and no IOMMU is active")]
    said = "several cards without iommu=pt: transfers between them may hang"
    fix = (
        "add iommu=pt to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub; sudo update-grub; reboot"
    )
    return [
        Finding("iommu", "warning", said, "/proc/cmdline lacks it, /sys/class/iommu has one", fix)
    ]
