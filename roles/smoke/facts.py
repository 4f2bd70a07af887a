"""What the box keeps of the smoke tests: one command."""

from __future__ import annotations

from pathlib import Path

from pyinfra.api import FactBase, FactProcessError

from roles.look import shell
from roles.smoke.state import FOLDER, State, state

KEPT = Path(__file__).with_name("ask") / "kept.sh"


class SmokeState(FactBase[State | None]):
    """The box, as the role smoke sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self) -> str:
        return shell.script({"kept": shell.snippet(KEPT, folder=FOLDER)})

    def process(self, output: list[str]) -> State:
        try:
            return state(shell.sections(output)["kept"])
        except Exception as error:
            raise FactProcessError(f"cannot read what the box has tested: {error!r}") from error
