"""Only the graft, onto a box that has ROCm: pyinfra inventory.py deploy/graft.py"""

from roles.graft.deploy import coverage, graft
from roles.preflight.deploy import look, preflight
from roles.report.operations import show
from roles.rocm.deploy import heal

ARCH = "gfx906"

report = preflight(ARCH, asks=())
if report:
    changed = [heal().did_change, graft(ARCH)]
    covered = coverage(ARCH)
    show(
        name="Report",
        report=report,
        again=lambda: look(ARCH, ()) if any(step() for step in changed) else None,
        coverage=covered,
    )
