"""What things cost, measured on a lab box: python -m tests.bench

Figures, no verdicts: a shared machine is slow at times. Each row is the middle of its runs, with
the least and the most beside it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.lab import card, looks
from tests.lab.amd import amd
from tests.lab.box import Box
from tests.lab.inventory import upstream_settings
from tests.lab.lab import Lab, passing, plug
from tests.lab.mirror import Mirror
from tests.lab.runs import run
from tests.lab.upstreams import routes

RUNS = 5
LOOK = "deploy/preflight.py"


def timed(action: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Seconds of each run."""
    found = []
    for _ in range(runs):
        started = time.monotonic()
        action()
        found.append(time.monotonic() - started)
    return found


def main() -> int:
    """Measure on boxes of its own, and end them."""
    table = Table(box=None, pad_edge=False)
    for column in ("what", "s", "least", "most", "runs"):
        table.add_column(column, justify="left" if column == "what" else "right")

    def row(what: str, seconds: list[float]) -> None:
        middle = statistics.median(seconds)
        figures = (middle, min(seconds), max(seconds))
        table.add_row(what, *(f"{figure:.2f}" for figure in figures), str(len(seconds)))

    made = amd()
    with tempfile.TemporaryDirectory() as reports, Mirror() as mirror:
        for route in routes():
            mirror.serve(route.prefix, route.handler)
        lab = Lab(passing(), mirror=mirror.port, **upstream_settings(mirror.port, made))
        try:
            commands = _measure(lab, Path(reports), row)
        finally:
            lab.close()
    console = Console(width=100)
    console.print(f"{lab.image.said}, {lab.acceleration}, {os.cpu_count()} processors")
    console.print(table)
    console.print(f"remote commands of preflight and cards: {commands}")
    return 0


def cold(lab: Lab, box: Box) -> None:
    """Power on a box that is off, and off again."""
    box.start(lab.acceleration)
    box.ssh("true")
    box.kill()


def _measure(lab: Lab, reports: Path, row: Callable[[str, list[float]], None]) -> int:
    built = json.loads((lab.image.folder / "image.json").read_text())["seconds"]
    row("image, built when it was", [built])
    box = lab.box()
    row("resume a box, to its first command", timed(lambda: lab.box("again").ssh("true")))
    row("plug cards in", timed(lambda: plug(box, card.tree("mi50"))))
    box.snapshot("here")
    row("go back to a snapshot", timed(lambda: box.restore("here")))
    row("SSH command on a connection that is up", timed(lambda: box.ssh("true")))
    row("look at the cards", timed(lambda: looks.cards(box)))
    row("look at the cards and the box", timed(lambda: looks.findings(box)))
    pyinfra = str(Path(sys.executable).with_name("pyinfra"))
    environment = {**os.environ, "REGRAFT_LAB_BOXES": str(box.folder)}
    floor = [pyinfra, "inventory.py", "-y", "exec", "--", "/bin/true"]
    row(
        "pyinfra exec -- /bin/true",
        timed(lambda: subprocess.run(floor, env=environment, capture_output=True, check=True)),
    )
    seen = run(LOOK, box, reports=reports, arguments=("-vv",))
    if seen.status:
        raise SystemExit(f"the bench measures a run that fails:\n{seen.said}")
    row("deploy/preflight.py, report and all", timed(lambda: run(LOOK, box, reports=reports)))
    row("reboot, to its first command", timed(box.reboot, 2))
    box.shutdown()
    row("cold boot, to its first command", timed(lambda: cold(lab, box), 3))
    return seen.commands


if __name__ == "__main__":
    sys.exit(main())
