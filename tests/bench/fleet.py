"""Boxes at this machine's own speed: one, by regraft and by its peers, and many at once.

They are light boxes (light.py) that a first run has brought to their content. What one costs of
many is what asking costs: nothing is changed on any.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.lab import Lab
from tests.lab.need import LabError
from tests.lab.places import CHECKOUT, cache

from .boxes import own_lab
from .light import Light, light
from .noop import compare
from .peers import Target
from .rows import Rows

SIZES = (1, 10, 50, 100)
AMONG = 10  # boxes, of which one is dead and one refuses
ACCEPTED = dict.fromkeys(("cards", "driver"), "a light box")


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
        tempfile.TemporaryDirectory(dir=cache(), prefix="bench-") as folder,
        light(lab.image, max(SIZES), Path(folder)) as boxes,
    ):
        work = Path(folder)
        data = settings(lab, work)
        first_run(boxes, data, work)
        for way, seconds in compare(target(boxes, data, work), work):
            rows.add(f"native box, no-op, {way.name}", seconds)
        for size in SIZES:
            _many(rows, work, boxes, data, size)
        _among_others(rows, work, boxes, data)


def mi50(work: Path, hosts: dict[str, dict[str, Any]]) -> Ran:
    """deploy/mi50.py over these boxes."""
    command = [str(Path(sys.executable).with_name("pyinfra")), str(_inventory(work, hosts))]
    with (work / "said").open("w+") as said, (work / "results").open("w+") as results:
        started = time.monotonic()
        process = subprocess.Popen(
            [*command, "deploy/mi50.py", "-y", "--json"], cwd=CHECKOUT, stdout=results, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    told = (work / "results").read_text()
    found = json.loads(told)["results"] if told.strip() else None
    if not found:
        raise SystemExit(f"the bench measures a run that fails:\n{(work / 'said').read_text()}")
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, found)


def first_run(boxes: Light, data: dict[str, Any], work: Path) -> None:
    """Bring light boxes, which share a root, to their content."""
    mi50(work, {"light": {**data, **boxes.data(boxes.ports[0])}})


def _many(rows: Rows, work: Path, boxes: Light, data: dict[str, Any], size: int) -> None:
    hosts = {f"box{port}": {**data, **boxes.data(port)} for port in boxes.ports[:size]}
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
        f"{memory / 1e6:.0f} MB in all"
    )


def _among_others(rows: Rows, work: Path, boxes: Light, data: dict[str, Any]) -> None:
    """One that does not answer and one that refuses, among others."""
    hosts = {f"box{port}": {**data, **boxes.data(port)} for port in boxes.ports[: AMONG - 2]}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts["dead"] = {**data, **boxes.data(silent.getsockname()[1])}
        hosts["refuses"] = {**data, **boxes.data(1)}
        ran = mi50(work, hosts)
    last = ran.results["operations"][-1]["no_change"]
    if set(last) != set(hosts) - {"dead", "refuses"}:
        raise SystemExit(f"boxes suffer from others: {ran.results}")
    rows.add(f"{AMONG} native boxes, one of them dead and one that refuses", [ran.seconds])


def settings(lab: Lab, work: Path) -> dict[str, Any]:
    if lab.mirror is None:
        raise LabError("the bench's lab has no mirror")
    return {
        **lab.settings,
        "preflight_accept": ACCEPTED,
        "preflight_free_gib": 1,
        "upstream_lock": str(work / "regraft.lock.toml"),
        "upstream_cache": str(cache() / "controller"),
        "report_shown": False,
        "report_folder": str(work / "reports"),
    }


def target(boxes: Light, data: dict[str, Any], work: Path) -> Target:
    port = boxes.ports[0]
    reach = boxes.data(port)
    return Target(reach, boxes.ssh, str(_inventory(work, {"light": {**data, **reach}})))


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
