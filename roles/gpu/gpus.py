"""The cards of a box: what the KFD, PCI and rocminfo say of each, joined by its PCI address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from roles.gpu import hwmon, identity, kfd, pci
from roles.gpu.card import Card
from roles.gpu.known import arch_of_device, known
from roles.gpu.rocminfo import Rocminfo, parse
from roles.look import shell

UNSEEN = pci.Function("", {})  # stands for the PCI side of a card that only the KFD tells of


@dataclass(frozen=True, slots=True)
class Gpus:
    cards: tuple[Card, ...] = ()
    rocminfo: Rocminfo | None = None  # None: there is none on the box, or it was not asked
    has_kfd_device: bool = False  # /dev/kfd, through which ROCm reaches every card

    def to_json(self) -> dict[str, Any]:
        """All of it in plain types. `pyinfra INVENTORY fact` calls it, too, by this name."""
        return asdict(self)


def read(lines: Iterable[str]) -> Gpus:
    """Understand the output of the script that probes.py writes."""
    sections = shell.sections(lines)
    files = shell.files(sections.get("files", []))
    nodes, functions = kfd.gpu_nodes(files), pci.functions(files)
    asked = sections.get("rocminfo")
    rocminfo = parse(asked) if asked else None
    cards = [_finished(card, rocminfo) for card in _cards(nodes, functions)]
    return Gpus(
        cards=tuple(sorted(cards, key=lambda card: (card.pci, card.kfd_node or 0))),
        rocminfo=rocminfo,
        has_kfd_device="yes" in sections.get("kfd_device", []),
    )


def _cards(nodes: Iterable[kfd.Node], functions: Mapping[str, pci.Function]) -> Iterator[Card]:
    """One card per KFD GPU node, since a card may be split in several; then those without one."""
    by_address = {each.pci: each for each in functions.values() if each.is_card}
    known_to_kfd = set()
    for node in nodes:
        function = by_address.get(node.pci, UNSEEN)
        yield _with_node(_from_pci(node.pci, function, functions), node)
        known_to_kfd.add(node.pci)
    for address in by_address.keys() - known_to_kfd:
        yield _from_pci(address, by_address[address], functions)


def _from_pci(address: str, function: pci.Function, functions: Mapping[str, pci.Function]) -> Card:
    sensors = hwmon.sensors(function)
    device_id = function.number("device") or 0
    numa_node = function.number("numa_node")
    return Card(
        pci=address,
        vendor_id=function.number("vendor") or 0,
        device_id=device_id,
        subsystem_vendor_id=function.number("subsystem_vendor"),
        subsystem_id=function.number("subsystem_device"),
        revision=function.number("revision"),
        name="",
        arch=arch_of_device(device_id),
        arch_source="device_id",
        compute_units=None,
        vram_bytes=function.number("mem_info_vram_total") or None,
        vram_used_bytes=function.number("mem_info_vram_used"),
        vbios=function.text("vbios_version"),
        bar_bytes=pci.bar_bytes(function),
        link=pci.slot_link(function, functions, known().board_switch_ports),
        temperatures=hwmon.temperatures(sensors),
        power_watts=hwmon.watts(sensors, "power1_average", "power1_input"),
        power_cap_watts=hwmon.watts(sensors, "power1_cap"),
        power_cap_max_watts=hwmon.watts(sensors, "power1_cap_max"),
        fan_rpm=hwmon.fan_rpm(sensors),
        busy_percent=function.number("gpu_busy_percent"),
        render_node=function.render_node,
        kfd_node=None,
        driver=function.driver,
        numa_node=numa_node if numa_node is not None and numa_node >= 0 else None,
        unique_id=function.text("unique_id"),
        isas=(),
    )


def _with_node(card: Card, node: kfd.Node) -> Card:
    """The card as the KFD knows it, which is nearer to the chip than its ids are."""
    device_id = node.device_id or card.device_id
    return replace(
        card,
        vendor_id=node.vendor_id or card.vendor_id,
        device_id=device_id,
        arch=node.arch or arch_of_device(device_id),
        arch_source="gfx_target_version" if node.arch else "device_id",
        compute_units=node.compute_units,
        vram_bytes=node.vram_bytes or card.vram_bytes or node.local_memory_bytes,
        render_node=node.render_node or card.render_node,
        kfd_node=node.number,
        unique_id=card.unique_id or node.unique_id,
    )


def _finished(card: Card, rocminfo: Rocminfo | None) -> Card:
    """With its name, for which all else must be known, and what rocminfo says of it."""
    return replace(
        card,
        name=identity.name(card),
        arch_source=card.arch_source if card.arch else None,
        isas=_isas(card, rocminfo),
    )


def _isas(card: Card, rocminfo: Rocminfo | None) -> tuple[str, ...]:
    """rocminfo gives an address without its domain, so the KFD's own number must agree as well."""
    if rocminfo is None or card.kfd_node is None:
        return ()
    for agent in rocminfo.agents:
        if agent.location is None or agent.node != card.kfd_node:
            continue
        if kfd.address(0, agent.location).partition(":")[2] == card.pci.partition(":")[2]:
            return agent.isas
    return ()
