"""Boxes for tests: one that every test finds as new, and a lab to get more from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .amd import Amd, amd
from .box import Box
from .inventory import upstream_settings
from .lab import Lab, passing
from .mirror import Mirror

PLUGGED = "plugged"


@pytest.fixture(scope="session")
def made() -> Amd:
    """The lab's AMD."""
    return amd()


@pytest.fixture(scope="session")
def mirror(made: Amd) -> Iterator[Mirror]:
    """The mirror that every box asks: the lab's AMD. Who has it misbehave, behaves it again."""
    with Mirror() as serving:
        for route in made.routes():
            serving.serve(route.prefix, route.handler)
        yield serving


@pytest.fixture(scope="session")
def lab(mirror: Mirror, made: Amd) -> Iterator[Lab]:
    """A lab of this test run's own; no box of it outlives the run, or asks the real upstreams."""
    own = Lab(passing(), mirror=mirror.port, **upstream_settings(mirror.port, made))
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
