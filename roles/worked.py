"""A step of an operation that a program on the controller does, while other boxes go on."""

from __future__ import annotations

from typing import Any

from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.command import FunctionCommand, PyinfraCommand

from roles.work import NotDone, Task, work


def worked(task: Task, made: list[Any], without: str) -> PyinfraCommand:
    """
    A command for an operation to yield.

    + made: gets the program's answer + without: what there is not, if it fails
    """
    return FunctionCommand(_worked, (task, made, without), {})


def _worked(state: State, host: Host, task: Task, made: list[Any], without: str) -> bool:
    try:
        made.append(work(task, host.log))
    except NotDone as problem:
        host.log_styled(f"{without}: {problem}", fg="red", log_func=logger.error)
    return bool(made)
