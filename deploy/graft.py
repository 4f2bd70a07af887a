"""Only the graft, onto a box that has ROCm: pyinfra inventory.py deploy/graft.py"""

from roles.graft.deploy import coverage, graft
from roles.preflight.deploy import look, preflight
from roles.report.operations import show

ARCH = "gfx906"

report = preflight(ARCH, asks=())
if report:
    changed = graft(ARCH)
    covered = coverage(ARCH)
    show(
        name="Report",
        report=report,
        again=lambda: look(ARCH, ()) if changed() else None,
        coverage=covered,
    )
