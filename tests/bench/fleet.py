"""Boxes at this machine's own speed: one, by regraft and by its peers, and many at once.

They are the ports of a cell that a first run has brought to its content. What one costs of many is
what asking costs: nothing is changed on any.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.cell import Cell
from tests.lab.inventory import data
from tests.lab.lab import Lab
from tests.lab.places import CHECKOUT

from .boxes import own_lab
from .noop import compare
from .peers import Target
from .rows import Rows
from .slow import SECONDS

SIZES = (1, 10, 50, 100)
AMONG = 10  # boxes, of which some are no good


@dataclass(frozen=True)
class Ran:
    """A run over boxes. + seconds: by the clock, and of a processor + memory: at its most"""

    seconds: float
    processor: float
    memory: int
    results: dict[str, Any]


def measure(rows: Rows) -> None:
    with (
        own_lab(rows) as lab,
        tempfile.TemporaryDirectory() as folder,
        cell(lab, max(SIZES)) as boxes,
    ):
        work = Path(folder)
        first_run(boxes, work)
        for way, seconds in compare(target(boxes, work), work):
            rows.add(f"native box, no-op, {way.name}", seconds)
        for size in SIZES:
            _many(rows, work, boxes, size)
        _among_others(rows, work, boxes)


@contextmanager
def cell(lab: Lab, count: int = 1) -> Iterator[Cell]:
    """One of a lab's own, as new, until the block ends."""
    found = lab.cell("cell", count)
    try:
        yield found
    finally:
        found.remove()


def mi50(work: Path, hosts: dict[str, dict[str, Any]]) -> Ran:
    """deploy/mi50.py over these boxes."""
    pyinfra = str(Path(sys.executable).with_name("pyinfra"))
    run = [pyinfra, str(_inventory(work, hosts)), "deploy/mi50.py", "-y", "--json"]
    used = work / "used.json"
    with (work / "said").open("w+") as said, (work / "results").open("w+") as results:
        subprocess.run(
            [sys.executable, "-m", "tests.bench.used", str(used), *run],
            cwd=CHECKOUT,
            stdout=results,
            stderr=said,
            check=False,
        )
    told = (work / "results").read_text()
    found = json.loads(told)["results"] if told.strip() else None
    if not found:
        raise SystemExit(f"the bench measures a run that fails:\n{(work / 'said').read_text()}")
    return Ran(**json.loads(used.read_text()), results=found)


def first_run(boxes: Cell, work: Path) -> None:
    """Bring a cell to its content."""
    mi50(work, {"native": _host(boxes, boxes.port, work)})


def _many(rows: Rows, work: Path, boxes: Cell, size: int) -> None:
    hosts = {f"box{port}": _host(boxes, port, work) for port in boxes.ports[:size]}
    mi50(work, hosts)  # which has each remembered
    runs = [mi50(work, hosts) for _ in range(3)]
    for one in runs:
        if one.results["totals"]["success"] or one.results["failed_hosts"]:
            raise SystemExit(f"a run that was to change nothing did: {one.results}")
    rows.add(f"{size} native boxes, no-op", [one.seconds for one in runs])
    processor = min(one.processor for one in runs) / size
    memory = max(one.memory for one in runs)
    rows.notes.append(
        f"{size} boxes, no-op: {processor:.2f} s of a processor a box on the controller, "
        f"{memory / 1e6:.0f} MB in all; the boxes' own work is done by the same processors"
    )


def _among_others(rows: Rows, work: Path, boxes: Cell) -> None:
    """One that does not answer, one that refuses and one that is slow, among others."""
    ports = boxes.ports[: AMONG - 2]
    others = {f"box{port}": _host(boxes, port, work) for port in ports}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dead = {"dead": _host(boxes, silent.getsockname()[1], work)}
        refuses = {"refuses": _host(boxes, 1, work)}
        _row(rows, work, {**others, **dead, **refuses}, "one of them dead and one that refuses")
    with slow(boxes, boxes.ports[AMONG]) as port:
        told = f"one of them {2 * SECONDS:.1f} s away"
        _row(rows, work, {**others, "slow": _host(boxes, port, work)}, told, failed=())


def _row(
    rows: Rows,
    work: Path,
    hosts: dict[str, dict[str, Any]],
    told: str,
    failed: tuple[str, ...] = ("dead", "refuses"),
) -> None:
    for _ in range(2):  # the first has it remembered
        ran = mi50(work, hosts)
        last = ran.results["operations"][-1]["no_change"]
        if set(last) != set(hosts) - set(failed):
            raise SystemExit(f"boxes suffer from others: {ran.results}")
    rows.add(f"{len(hosts)} native boxes, no-op, {told}", [ran.seconds])


@contextmanager
def slow(boxes: Cell, port: int) -> Iterator[int]:
    """A port that leads to one of these boxes by a bad line."""
    command = (sys.executable, "-m", "tests.bench.slow", str(port))
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        leads = int(process.stdout.readline())
        with boxes.known_hosts.open("a") as known:
            known.write(f"[127.0.0.1]:{leads} {boxes.image.host_key}\n")
        try:
            yield leads
        finally:
            process.kill()


def _host(boxes: Cell, port: int, work: Path) -> dict[str, Any]:
    quiet = {"report_shown": False, "report_folder": str(work / "reports")}
    return {**data(boxes), "ssh_port": port, **quiet}


def target(boxes: Cell, work: Path) -> Target:
    """A cell's first port, for all of its peers."""
    host = _host(boxes, boxes.port, work)
    inventory = str(_inventory(work, {"native": host}))
    return Target(host, lambda said: boxes.ssh(said, check=False).stdout, inventory)


def _inventory(work: Path, hosts: dict[str, dict[str, Any]]) -> Path:
    """A file that pyinfra takes for an inventory."""
    (work / "hosts.json").write_text(json.dumps(hosts, default=lambda one: None))
    path = work / "hosts.py"
    path.write_text(
        "import json\n"
        "from roles.wire import QUICK\n"
        f"told = json.load(open({str(path.with_suffix('.json'))!r}))\n"
        "boxes = [(name, {**data, **QUICK}) for name, data in told.items()]\n"
    )
    return path
