"""The report as a person reads it: on a terminal, or as a picture."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from roles.finding import Finding, Level
from roles.gpu.card import Card
from roles.graft.covered import Covered
from roles.report.box import Report
from roles.smoke.programs.part import Result
from roles.smoke.results import Smoke
from roles.vllm.health import Served

STYLES: dict[Level, str] = {"ok": "green", "note": "cyan", "warning": "yellow", "stop": "bold red"}
HOW = {"works": "green", "lacks": "yellow", "works without": "cyan"}
CAME: dict[Result, str] = {
    "pass": "green",
    "gap": "yellow",
    "pending": "magenta",
    "fail": "bold red",
}
GIB = 2**30
WIDTH = 110  # where no terminal says otherwise


def screen(stderr: bool = False) -> Console:
    """Where a person reads: as wide as the terminal, or wide enough for a log."""
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=WIDTH)


class Page:
    """A report, for rich to print."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        report = self.report
        yield Rule(Text(f"{report.box}: {report.system}", style="bold"), align="left")
        if report.stand_in:
            yield Text(f"A lab box: {report.stand_in}. Nothing here was seen on a card.", "magenta")
        yield _cards(report.cards)
        yield _findings(report.findings)
        if report.coverage:
            yield _coverage(report.coverage)
        if report.smoke:
            yield _smoke(report.smoke)
        if report.served:
            yield _served(report.served)
        yield verdict(report)


def verdict(report: Report) -> Text:
    """The last line: how it stands, and the next command."""
    count = sum(one.level == report.level for one in report.findings)
    some = f"{count} {report.level}{'s' if count > 1 else ''}"
    if report.level == "stop":
        said = f"This box was left alone: {some} to clear first, then run the same command again."
    elif report.level == "warning":
        said = f"This box can go on; {some} to look at."
    else:
        said = "This box is fit: nothing stands in the way."
    if report.smoke and report.level != "stop":
        return _proven(said, report.smoke)
    return Text(f"\n{said}", style=STYLES[report.level])


def _proven(said: str, smoke: Smoke) -> Text:
    """The same, where it was tried: ready is said of a box whose cards have computed."""
    if smoke.result == "fail":
        failed = ", ".join(one.test for one in smoke.tests if one.result == "fail")
        told = f"This box is not ready: {failed} failed. Next: pyinfra INVENTORY deploy/smoke.py"
    elif smoke.result == "pending":
        one = next(one for one in smoke.tests if one.result == "pending")
        told = f"{said} Pending: {one.test}: {one.why or 'it was not shown'}."
    elif smoke.result == "gap":
        gaps = "; ".join(f"{one.test}: {one.why}" for one in smoke.tests if one.result == "gap")
        told = f"This box computes, with gaps that are known. {gaps}."
    else:
        tests = ", ".join(dict.fromkeys(one.test for one in smoke.tests))
        told = f"This box is ready: its cards have passed {tests}."
    return Text(f"\n{told}", style=CAME[smoke.result])


def _cards(cards: tuple[Card, ...]) -> RenderableType:
    if not cards:
        return Text("\nno AMD card\n", style="bold red")
    return Group("", *(_card(card) for card in cards), "")


def _card(card: Card) -> Text:
    heat = "/".join(f"{one.celsius:.0f}" for one in card.temperatures)
    told = [
        card.pci,
        card.arch or "unknown arch",
        f"{card.compute_units} compute units" if card.compute_units else "",
        f"{card.vram_bytes / GIB:.0f} GiB" if card.vram_bytes else "",
        f"{heat} °C" if heat else "",
        f"cap {card.power_cap_watts:.0f} W" if card.power_cap_watts else "",
        f"VBIOS {card.vbios}" if card.vbios else "",
        card.render_node or "",
    ]
    line = Text(card.name, style="bold")
    return line.append(f"  {' · '.join(part for part in told if part)}", style="not bold")


def _findings(findings: tuple[Finding, ...]) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    for one in findings:
        told = Text(one.said)
        if one.evidence:
            told.append(f" ({one.evidence})", style="dim")
        if one.fix and one.level != "ok":
            told.append(f"\n→ {one.fix}", style=STYLES[one.level])
        table.add_row(Text(one.level, style=STYLES[one.level]), one.code, told)
    return table


def _coverage(covered: Covered) -> RenderableType:
    head = Text(f"\nROCm {covered.release} on {covered.arch}", style="bold")
    head.append(", by the code that its libraries carry", style="not bold")
    if covered.on_card == "pending":
        head.append("; pending: nothing here has run on a card", style="not bold magenta")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    for one in covered.libraries:
        table.add_row(Text(one.how, style=HOW[one.how]), one.name, Text(one.says))
    if covered.problem:
        unknown = f"What the libraries carry is not known: {covered.problem}"
        return Group(head, table, Text(unknown, "yellow"))
    return Group(head, table)


def _smoke(smoke: Smoke) -> RenderableType:
    head = Text(f"\nTests with torch {smoke.torch}", style="bold")
    beside = "".join(f" and {one}" for one in (smoke.graft, smoke.triton) if one)
    head.append(f"{beside}, {smoke.when}", style="not bold")
    if smoke.lacking:
        head.append(f"; without code for the card: {', '.join(smoke.lacking)}", style="yellow")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    for one in smoke.tests:
        told = Text(f"{one.seconds:.0f} s{f' on {one.card}' if one.card else ''}")
        if one.why:
            told.append(f": {one.why}")
        table.add_row(Text(one.result, style=CAME[one.result]), one.test, told)
    return Group(head, table)


def _served(models: tuple[Served, ...]) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    for one in models:
        how = Text("served", "green") if one.healthy else Text("not served", "bold red")
        told = Text(one.address if one.healthy else one.why)
        table.add_row(how, one.name, told)
    return Group(Text("\nModels", style="bold"), table)
