"""What the box keeps of the smoke tests: one command."""

from __future__ import annotations

from pathlib import Path

from pyinfra.api import FactBase, FactProcessError

from roles.look import shell
from roles.smoke.state import FOLDER, State, state

ASK = Path(__file__).with_name("ask")
FILES = (f"{FOLDER}/*.gz", f"{FOLDER}/*.pyz", f"{FOLDER}/result.json")


class SmokeState(FactBase[State | None]):
    """The box, as the role smoke sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self) -> str:
        kept = shell.kept("smoke", shell.snippet(ASK / "kept.sh", folder=FOLDER), FILES)
        return shell.script(
            {"kept": shell.keeping() + kept, "machine": (ASK / "machine.sh").read_text()}
        )

    def process(self, output: list[str]) -> State:
        try:
            return state(output)
        except Exception as error:
            raise FactProcessError(f"cannot read what the box has tested: {error!r}") from error
