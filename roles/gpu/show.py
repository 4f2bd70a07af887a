"""The look at the cards, as a person reads it."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from roles.gpu.card import Card
from roles.gpu.gpus import Gpus
from roles.gpu.known import GIB, hex4
from roles.gpu.rocminfo import Rocminfo

PIPED_WIDTH = 140  # wide enough for a row of the table; a terminal says its own width
COLUMNS = ("PCI", "card", "ids", "arch", "CUs", "VRAM", "BAR", "slot link", "hottest", "driver")


def gpus(found: Gpus) -> None:
    console = _console()
    if not found.cards:
        console.print("No AMD card found.")
        return
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for card in found.cards:
        table.add_row(*(Text(cell) for cell in _row(card)))
    console.print(table)
    if found.rocminfo:
        rocminfo(found.rocminfo)


def rocminfo(report: Rocminfo) -> None:
    console = _console()
    loaded = {True: "loaded", False: "not loaded", None: "not told"}[report.driver_loaded]
    _line(console, f"driver: {loaded} {report.driver_version or ''}".rstrip())
    for agent in report.agents:
        units = f"{agent.compute_units} compute units" if agent.compute_units else ""
        told = (agent.kind, agent.name, agent.marketing_name, units, *agent.isas)
        _line(console, "  ".join(part for part in told if part))
    if report.problem:
        _line(console, f"{report.problem.code}: {report.problem.text}")


def _row(card: Card) -> tuple[str, ...]:
    link = card.link
    hottest = max(card.temperatures, key=lambda sensor: sensor.celsius, default=None)
    return (
        card.pci if card.kfd_node is None else f"{card.pci} (node {card.kfd_node})",
        card.name,
        f"{hex4(card.vendor_id)}:{hex4(card.device_id)}",
        card.arch or "-",
        str(card.compute_units or "-"),
        _size(card.vram_bytes),
        _size(card.bar_bytes),
        f"{link.speed_gts:g} GT/s x{link.width}" if link else "-",
        f"{hottest.celsius:.0f} C {hottest.label}" if hottest else "-",
        card.driver or "-",
    )


def _size(count: int | None) -> str:
    if count is None:
        return "-"
    return f"{count / GIB:.0f} GiB" if count >= GIB else f"{count / (1 << 20):.0f} MiB"


def _line(console: Console, text: str) -> None:
    """One line, not broken: it may hold a command to copy. Text is not read as markup."""
    console.print(Text(text), soft_wrap=True)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
