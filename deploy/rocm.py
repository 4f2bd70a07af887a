"""Only ROCm, as AMD ships it: pyinfra inventory.py deploy/rocm.py"""

from roles.preflight.deploy import look, preflight
from roles.report.operations import show
from roles.rocm.deploy import rocm

ARCH, ASKS = "gfx906", ("amd-rocm", "amd-driver")

report = preflight(ARCH, ASKS)
if report:
    changed = rocm(cards=len(report.cards))
    show(name="Report", report=report, again=lambda: look(ARCH, ASKS) if changed() else None)
