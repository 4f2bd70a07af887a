"""Boxes for tests: one that every test finds as new, and a lab to get more from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from roles.pytorch.settings import NONE

from .amd import Amd, amd
from .arch import Arch, arch
from .box import Box
from .cell import Cell
from .installed import INSTALLED, LISTED, ROCM, bring_all, installed_once
from .inventory import upstream_settings
from .lab import Lab, passing
from .mirror import Mirror
from .need import LabError
from .upstreams import routes
from .with_pytorch import before_pytorch, first_pytorch, torch_box

__all__ = ["before_pytorch", "first_pytorch", "torch_box"]  # fixtures

PLUGGED = "plugged"
LONGEST = (  # of a group one worker does all
    "tests/lab/test_vllm.py",
    "tests/lab/test_readme.py",
    "tests/lab/test_rocm_driver.py",
    "tests/lab/test_rocm_cut_off.py",
    "tests/lab/test_graft_cut_off.py",
    "tests/lab/test_pytorch.py",
    "tests/lab/test_triton.py",
)


@pytest.fixture(scope="session")
def made() -> Amd:
    """The lab's AMD."""
    return amd()


@pytest.fixture(scope="session")
def made_arch() -> Arch:
    """The lab's Arch."""
    return arch()


@pytest.fixture(scope="session")
def mirror() -> Iterator[Mirror]:
    """The mirror that every box asks. Who has it misbehave, behaves it again."""
    with Mirror() as serving:
        for route in routes():
            serving.serve(route.prefix, route.handler, route.posts)
        yield serving


@pytest.fixture(scope="session")
def lab(mirror: Mirror, made: Amd) -> Iterator[Lab]:
    """
    A lab of this test run's own; no box of it outlives the run, or asks the real upstreams.

    Its boxes do without PyTorch, which takes minutes: the tests that are about it say so.
    """
    settings = {**upstream_settings(mirror.port, made), "pytorch_stack": NONE}
    own = Lab(passing(), mirror=mirror.port, **settings)
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
    return lab.back(shared_box, PLUGGED)


@pytest.fixture(scope="session")
def mirror_address(mirror: Mirror) -> str:
    """The mirror, as boxes and this machine both know it."""
    return f"http://127.0.0.1:{mirror.port}"


@pytest.fixture(scope="session")
def cell(lab: Lab) -> Cell | None:
    """A box at this machine's own speed, for who needs no kernel, card or disk of its own.

    None: this machine makes none, and a whole one has to do.
    """
    try:
        made = lab.cell("cell")
    except LabError as problem:
        sys.stderr.write(f"\n{problem}\n")
        return None
    bring_all(made)
    return made


@pytest.fixture(scope="session")
def listed_box(lab: Lab, cell: Cell | None) -> Box:
    """A box that has fetched the distribution's lists."""
    if cell:
        return cell
    box = lab.box(LISTED)
    box.ssh("apt-get update -q")
    box.snapshot(LISTED)
    return box


@pytest.fixture
def listed(lab: Lab, listed_box: Box, mirror: Mirror) -> Iterator[Box]:
    """The same, as new, at this machine's own speed, before a mirror that behaves afterwards."""
    yield lab.back(listed_box, LISTED)
    mirror.behave()


@pytest.fixture(scope="session")
def installed_box(lab: Lab) -> Box:
    """A box with ROCm 6.4.3, first without the graft and then with it."""
    return installed_once(lab)


@pytest.fixture
def rocm(lab: Lab, installed_box: Box, mirror: Mirror) -> Iterator[Box]:
    """A box with ROCm 6.4.3 as AMD ships it, that no graft has ever been on."""
    yield lab.back(installed_box, ROCM)
    mirror.behave()


@pytest.fixture(scope="session")
def quick_box(cell: Cell | None, request: pytest.FixtureRequest) -> Box:
    """As `installed_box`, at this machine's own speed."""
    return cell or request.getfixturevalue("installed_box")


@pytest.fixture
def quick(lab: Lab, quick_box: Box, mirror: Mirror) -> Iterator[Box]:
    """As `rocm`, at this machine's own speed."""
    yield lab.back(quick_box, ROCM)
    mirror.behave()


@pytest.fixture
def quick_installed(lab: Lab, quick_box: Box, mirror: Mirror) -> Iterator[Box]:
    """As `installed`, at this machine's own speed."""
    yield lab.back(quick_box, INSTALLED)
    mirror.behave()


@pytest.fixture
def installed(lab: Lab, installed_box: Box, mirror: Mirror) -> Iterator[Box]:
    """A box with everything, as it was after one run."""
    yield lab.back(installed_box, INSTALLED)
    mirror.behave()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: else one worker ends alone with it, the other idle."""
    order = {path: place for place, path in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(order)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once why a test has failed: the end of them all may be an hour away, or never come."""
    if report.failed and not os.environ.get("PYTEST_XDIST_WORKER"):
        sys.stderr.write(f"\n{report.nodeid}\n{report.longreprtext}\n")
