"""Boxes for tests: one that every test finds as new, and a lab to get more from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .box import Box
from .lab import Lab
from .mirror import Mirror
from .mirror.upstreams import tree
from .places import cache
from .upstream_files import addresses, lay_out

PLUGGED = "plugged"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab of this test run's own; no box of it outlives the run, or asks the real upstreams."""
    boxes = cache() / "boxes"
    sweep(boxes)
    root = tmp_path_factory.mktemp("mirror")
    lay_out(root)
    with Mirror() as mirror:
        for route in tree(root):
            mirror.serve(route.prefix, route.handler, route.posts)
        own = Lab(boxes / f"test-{os.getpid()}", upstream_addresses=addresses(mirror.guest_url))
        yield own
        own.close()


def sweep(boxes: Path) -> None:
    """End what a killed test run has left: its boxes live on, since QEMU does not die with it."""
    for folder in boxes.glob("test-*"):
        if not Path(f"/proc/{folder.name.partition('-')[2]}").exists():
            for state in folder.glob("*/box.json"):
                Box(state.parent).remove()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_box(lab: Lab) -> Box:
    """The box behind `box`."""
    box = lab.box()
    box.snapshot(PLUGGED)
    return box


@pytest.fixture
def box(lab: Lab, shared_box: Box) -> Box:
    """A box with one MI50, as new: going back to a snapshot is quicker than another machine."""
    if shared_box.running:
        shared_box.restore(PLUGGED)
    else:
        shared_box.start(lab.acceleration, resume=PLUGGED)
    return shared_box
