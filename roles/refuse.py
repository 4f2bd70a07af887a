"""Leaving one box alone, with a reason, while the others go on.

An exception in an operation or a deploy would end the run on every box.
"""

from __future__ import annotations

from pyinfra import logger
from pyinfra.api import State
from pyinfra.api.command import FunctionCommand, PyinfraCommand
from pyinfra.api.host import Host
from pyinfra.context import ctx_host, ctx_state


def refuse(message: str) -> PyinfraCommand:
    """A command for an operation to yield: says why, and fails the operation on this box."""
    return FunctionCommand(_say, (message,), {})


def stop(message: str) -> None:
    """In a deploy, before anything is executed: say why, and leave this box out of the run."""
    host = ctx_host.get()
    _say(ctx_state.get(), host, message)
    ctx_state.get().fail_hosts({host})


def _say(state: State, host: Host, message: str) -> bool:
    host.log_styled(message, fg="red", log_func=logger.error)
    return False
