"""Boxes for tests: one that every test finds as new, and a lab to get more from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .box import Box
from .lab import Lab, passing
from .mirror import Mirror
from .mirror.upstreams import tree
from .upstream_files import addresses, lay_out

PLUGGED = "plugged"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab of this test run's own; no box of it outlives the run, or asks the real upstreams."""
    root = tmp_path_factory.mktemp("mirror")
    lay_out(root)
    with Mirror() as mirror:
        for route in tree(root):
            mirror.serve(route.prefix, route.handler, route.posts)
        own = Lab(passing(), upstream_addresses=addresses(mirror.guest_url))
        yield own
        own.close()


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
