"""A step of an operation that a program on the controller does, while other boxes go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.command import FunctionCommand, PyinfraCommand

from roles.work import NotDone, work


def worked(module: str, told: Mapping[str, Any], made: list[Any], without: str) -> PyinfraCommand:
    """
    A command for an operation to yield.

    + module: whose program + told: what it is told
    + made: gets its answer + without: what there is not, if it fails
    """
    return FunctionCommand(_worked, (module, told, made, without), {})


def _worked(
    state: State, host: Host, module: str, told: Mapping[str, Any], made: list[Any], without: str
) -> bool:
    try:
        made.append(work(module, told, host.log))
    except NotDone as problem:
        host.log_styled(f"{without}: {problem}", fg="red", log_func=logger.error)
    return bool(made)
