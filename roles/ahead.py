"""What later steps will need from afar is fetched from the start, beside all that comes before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyinfra import host, state

from roles.step import Commands, step
from roles.work import Task, begin

Foreseen = Callable[[], Task | None]


@step
def downloads(of: Sequence[Foreseen]) -> Commands:
    """
    Begin what takes long on the controller. It changes nothing on the box.

    + of: each says what its role will have to fetch, if anything
    """
    tasks = [task for task in (foresee() for foresee in of) if task]
    if state.is_executing:
        for task in tasks:
            begin(task, host.log)
    host.noop(f"{len(tasks)} begun for later" if tasks else "nothing is to be fetched")
    yield from ()
