"""docs/benchmarks.md and its picture: ratios first, then every figure, and what it was taken on."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime
from pathlib import Path

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from .rows import Rows

DOCS = Path(__file__).resolve().parents[2] / "docs"
OURS = "regraft"
GROUPS = ("lab box, no-op", "native box, no-op", "native box, first run")
HEAD = """# Benchmarks

`make bench` writes this page: on {machine}, on {day}. Of each row the runs were taken in turns with
those of the others in its group; the middle one counts.

A *no-op* is a run over a box that has it all: ROCm, the graft, groups, holds; no PyTorch. The peers
in [tests/bench/peers](../tests/bench/peers) check that same content. Whether the box is fit,
whether the graft suits its libraries and what works on the card is looked at by regraft alone, in
the same run. *Stock pyinfra* is regraft with `look_once` off: each question when it comes up, in a
command of its own. The *first run* begins with the distribution's lists on the box and ends with
all of it there; what regraft fetches and builds on the controller, and the package that the others
install, are there by then. The lab box is emulated, its processor many times slower than a real
one; the native box has this machine's own speed and no card.

![Seconds of each, as multiples of regraft's](benchmarks.svg)

"""


def write(rows: Rows) -> None:
    """Both files, from all that was measured."""
    day = datetime.now(UTC).date().isoformat()
    found = ratios(rows)
    lines = [
        f"| times as long as regraft's | {' | '.join(GROUPS)} |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name in found[GROUPS[0]]:
        if name != OURS:
            times = (found[group].get(name) for group in GROUPS)
            told = " | ".join("" if one is None else f"{one:.2f}" for one in times)
            lines.append(f"| {name} | {told} |")
    lines += ["", "| what | s | least | most | runs |", "| --- | ---: | ---: | ---: | ---: |"]
    for what, seconds in rows.taken:
        middle, least, most = statistics.median(seconds), min(seconds), max(seconds)
        name = what.replace("|", r"\|")  # else the table has a column more there
        lines.append(f"| {name} | {middle:.2f} | {least:.2f} | {most:.2f} | {len(seconds)} |")
    lines += ["", *(f"- {note}" for note in rows.notes)]
    head = HEAD.format(machine=", ".join(rows.machine), day=day)
    (DOCS / "benchmarks.md").write_text(head + "\n".join(lines) + "\n")
    (DOCS / "benchmarks.svg").write_bytes(picture(found))


def ratios(rows: Rows) -> dict[str, dict[str, float]]:
    """By group and way: how many times as long as regraft."""
    medians = {what: statistics.median(seconds) for what, seconds in rows.taken}
    return {
        group: {
            what.removeprefix(f"{group}, "): median / medians[f"{group}, {OURS}"]
            for what, median in medians.items()
            if what.startswith(f"{group}, ")
        }
        for group in GROUPS
    }


def picture(found: dict[str, dict[str, float]]) -> bytes:
    """Bars: each way beside regraft."""
    chart = pygal.HorizontalBar(
        style=Style(
            background="white", plot_background="white", colors=("#0b6e4f", "#7aa95c", "#c0c0c0")
        ),
        title="times as long as regraft's",
        x_title="times",
        print_values=True,
        value_formatter=lambda value: f"{value:.1f}",
        no_prefix=True,  # else each drawing differs
        js=(),  # no scripts from somewhere else: a picture has to be whole without a network
        truncate_legend=-1,
        legend_at_bottom=True,
        width=800,
        height=460,
    )
    names = list(next(iter(found.values())))
    chart.x_labels = names
    for group, times in found.items():
        chart.add(group, [times.get(name) for name in names])
    return bytes(chart.render())
