"""What the box is like, now: one command."""

from __future__ import annotations

from pyinfra.api import FactBase, FactProcessError

from roles.look import shell
from roles.preflight.probes import probes
from roles.preflight.state import State, state


class BoxState(FactBase[State | None]):
    """A box as the preflight sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self, user: str, addresses: dict[str, str]) -> str:
        return shell.script(probes(user, addresses))

    def process(self, output: list[str]) -> State:
        try:
            return state(output)
        except Exception as error:
            # Any other exception would end the run on every box, not on this one alone.
            raise FactProcessError(f"cannot read the box: {error!r}") from error
