"""Look at a box and judge it, change nothing: pyinfra inventory.py deploy/preflight.py"""

from roles.preflight.deploy import preflight
from roles.report.operations import show

report = preflight("gfx906", ("amd-rocm", "amd-driver"))
if report:
    show(name="Report", report=report)
