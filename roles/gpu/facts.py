"""What cards are in the box, now: one command."""

from __future__ import annotations

from pyinfra.api import FactBase, FactProcessError

from roles.gpu import gpus, probes
from roles.look import shell


class GpuLook(FactBase[gpus.Gpus]):
    """The cards of a box, before, with and after the driver and ROCm."""

    default = gpus.Gpus

    def command(self) -> str:
        return shell.script(probes.live())

    def process(self, output: list[str]) -> gpus.Gpus:
        try:
            return gpus.read(output)
        except Exception as error:
            # Any other exception would end the run on every box, not on this one alone.
            raise FactProcessError(f"cannot read the cards: {error}") from error
