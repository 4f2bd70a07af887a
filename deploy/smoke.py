"""Every smoke test, whatever was seen before: pyinfra inventory.py deploy/smoke.py"""

from roles.graft.deploy import coverage
from roles.preflight.deploy import preflight
from roles.pytorch.deploy import pytorch
from roles.report.operations import show
from roles.smoke.deploy import proven, smoke
from roles.smoke.settings import TESTS
from roles.triton.deploy import triton

ARCH = "gfx906"

report = preflight(ARCH, asks=())
if report:
    pytorch(ARCH)
    triton(ARCH)
    covered = coverage(ARCH)
    tested = smoke(ARCH, report.cards, TESTS, again=True)
    show(name="Report", report=report, coverage=covered, smoke=tested)
    proven()
