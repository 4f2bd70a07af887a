"""PyTorch with a Triton that knows the card: pyinfra inventory.py deploy/triton.py"""

from roles.graft.deploy import coverage
from roles.preflight.deploy import preflight
from roles.pytorch.deploy import pytorch
from roles.report.operations import show
from roles.smoke.deploy import proven, smoke
from roles.triton.deploy import triton

ARCH = "gfx906"

report = preflight(ARCH, asks=())
if report:
    pytorch(ARCH)
    triton(ARCH, build=True)
    covered = coverage(ARCH)
    tested = smoke(ARCH, report.cards, ("visible", "mnist", "triton"))
    show(name="Report", report=report, coverage=covered, smoke=tested)
    proven()
