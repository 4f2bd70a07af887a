"""What the box has of ROCm, and what apt would do to it: a command each."""

from __future__ import annotations

from pyinfra.api import FactBase, FactProcessError

from roles.look import shell
from roles.rocm import change, simulation
from roles.rocm.probes import probes
from roles.rocm.simulation import Simulation
from roles.rocm.state import State, state


class RocmState(FactBase[State | None]):
    """The box, as the role rocm sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self, user: str) -> str:
        return shell.script(probes(user))

    def process(self, output: list[str]) -> State:
        try:
            return state(output)
        except Exception as error:
            raise FactProcessError(f"cannot read what the box has of ROCm: {error!r}") from error


class AptWould(FactBase[Simulation]):
    """What apt would do to install these packages, once others are gone."""

    @staticmethod
    def default() -> Simulation:
        """Of an apt that said nothing."""
        return simulation.SILENT

    def command(self, install: list[str], remove: list[str]) -> str:
        return change.simulate(install, remove)

    def process(self, output: list[str]) -> Simulation:
        return simulation.read(output)
