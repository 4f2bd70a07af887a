"""What a lab box costs, and a look at it: on boxes of its own, which it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roles.pytorch.settings import NONE
from tests.lab import card, looks
from tests.lab.amd import amd
from tests.lab.box import Box
from tests.lab.inventory import upstream_settings
from tests.lab.lab import Lab, passing, plug
from tests.lab.mirror import Mirror
from tests.lab.runs import run
from tests.lab.upstreams import routes

from .rows import Rows, timed

LOOK = "deploy/preflight.py"


def measure(rows: Rows) -> None:
    with own_lab(rows) as lab, tempfile.TemporaryDirectory() as reports:
        _measure(lab, Path(reports), rows)


@contextmanager
def own_lab(rows: Rows) -> Iterator[Lab]:
    """A lab for the bench alone, without PyTorch; the rows get to know what it runs on."""
    with Mirror() as mirror:
        for route in routes():
            mirror.serve(route.prefix, route.handler, route.posts)
        settings = {**upstream_settings(mirror.port, amd()), "pytorch_stack": NONE}
        lab = Lab(passing(), mirror=mirror.port, **settings)
        try:
            yield lab
        finally:
            lab.close()
    rows.machine = list(dict.fromkeys([lab.image.said, lab.acceleration, *rows.machine]))


def cold(lab: Lab, box: Box) -> None:
    """Power on a box that is off, and off again."""
    box.start(lab.acceleration)
    box.ssh("true")
    box.kill()


def _measure(lab: Lab, reports: Path, rows: Rows) -> None:
    built = json.loads((lab.image.folder / "image.json").read_text())["seconds"]
    rows.add("image, built when it was", [built])
    box = lab.box()
    rows.add("resume a box, to its first command", timed(lambda: lab.box("again").ssh("true")))
    rows.add("plug cards in", timed(lambda: plug(box, card.tree("mi50"))))
    box.snapshot("here")
    rows.add("go back to a snapshot", timed(lambda: box.restore("here")))
    rows.add("SSH command on a connection that is up", timed(lambda: box.ssh("true")))
    rows.add("look at the cards", timed(lambda: looks.cards(box)))
    rows.add("look at the cards and the box", timed(lambda: looks.findings(box)))
    pyinfra = str(Path(sys.executable).with_name("pyinfra"))
    environment = {**os.environ, "REGRAFT_LAB_BOXES": str(box.folder)}
    floor = [pyinfra, "inventory.py", "-y", "exec", "--", "/bin/true"]
    rows.add(
        "pyinfra exec -- /bin/true",
        timed(lambda: subprocess.run(floor, env=environment, capture_output=True, check=True)),
    )
    seen = run(LOOK, box, reports=reports, arguments=("-vv",))
    if seen.status:
        raise SystemExit(f"the bench measures a run that fails:\n{seen.said}")
    rows.add("deploy/preflight.py, report and all", timed(lambda: run(LOOK, box, reports=reports)))
    rows.add("reboot, to its first command", timed(box.reboot, 2))
    box.shutdown()
    rows.add("cold boot, to its first command", timed(lambda: cold(lab, box), 3))
    rows.notes.append(f"remote commands of preflight and cards: {seen.commands}")
