"""Everything that an MI50 or Radeon VII box needs: pyinfra inventory.py deploy/mi50.py"""

from roles.ahead import downloads
from roles.graft.deploy import coverage, donor, graft
from roles.preflight.deploy import look, preflight
from roles.pytorch.deploy import pytorch, wheels
from roles.report.operations import show
from roles.rocm.deploy import rocm
from roles.smoke.deploy import digits, proven, smoke
from roles.triton.deploy import source, triton
from roles.vllm.deploy import image, served, serving, vllm

ARCH, ASKS = "gfx906", ("amd-rocm", "amd-driver")

report = preflight(ARCH, ASKS)
if report:
    downloads(
        name="Downloads",
        of=[donor(ARCH), wheels(ARCH), source(ARCH), digits(), image(ARCH, report.cards)],
    )
    changed = [rocm(cards=len(report.cards)), graft(ARCH), pytorch(ARCH), triton(ARCH)]
    covered = coverage(ARCH)
    tested = smoke(ARCH, report.cards, ("visible", "mnist"))
    changed.append(vllm(ARCH, report.cards))
    show(
        name="Report",
        report=report,
        again=lambda: look(ARCH, ASKS) if any(step() for step in changed) else None,
        coverage=covered,
        smoke=tested,
        served=served(),
    )
    proven()
    serving()
