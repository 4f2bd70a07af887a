"""Every smoke test, whatever was seen before: pyinfra inventory.py deploy/smoke.py"""

from roles.preflight.deploy import preflight
from roles.pytorch.deploy import pytorch
from roles.report.operations import show
from roles.smoke.deploy import smoke
from roles.smoke.settings import TESTS

ARCH = "gfx906"

report = preflight(ARCH, asks=())
if report:
    pytorch(ARCH)
    show(name="Report", report=report, smoke=smoke(ARCH, report.cards, TESTS, again=True))
