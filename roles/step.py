"""A step of a role: an operation that fails on its own box alone."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import wraps
from typing import ParamSpec

from pyinfra.api import operation
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.operation import PyinfraOperation

from roles.look.once import UnseenError
from roles.refuse import refuse

Commands = Generator[PyinfraCommand | str, None, None]
P = ParamSpec("P")


def step(function: Callable[P, Commands]) -> PyinfraOperation[P]:
    """An operation that fails where the box does not answer, while the other boxes go on.

    Any exception in an operation would end the run on all of them.
    """

    @wraps(function)
    def taken(*args: P.args, **kwargs: P.kwargs) -> Commands:
        try:
            yield from function(*args, **kwargs)
        except UnseenError as problem:
            yield refuse(str(problem))

    return operation()(taken)
