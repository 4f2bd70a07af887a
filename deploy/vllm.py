"""Only vLLM's models, on a box that has a driver: pyinfra inventory.py deploy/vllm.py"""

from roles.ahead import downloads
from roles.preflight.deploy import preflight
from roles.report.operations import show
from roles.vllm.deploy import image, served, serving, vllm

ARCH = "gfx906"

report = preflight(ARCH, asks=())
if report:
    downloads(name="Downloads", of=[image(ARCH, report.cards)])
    vllm(ARCH, report.cards)
    show(name="Report", report=report, served=served())
    serving()
