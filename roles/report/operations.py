"""Showing a report at the end of a run: a step like any other, which never changes a box."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Generator
from dataclasses import replace

from pyinfra import host, state
from pyinfra.api import operation
from pyinfra.api.command import PyinfraCommand
from rich.console import Console

from roles import settings
from roles.graft.covered import Covered
from roles.report.box import Report
from roles.report.settings import Settings
from roles.report.text import Page, screen
from roles.smoke.results import Smoke
from roles.vllm.health import Served


@operation()
def show(
    report: Report,
    again: Callable[[], Report | None] = lambda: None,
    coverage: Callable[[], Covered | None] = lambda: None,
    smoke: Callable[[], Smoke | None] = lambda: None,
    served: Callable[[], tuple[Served, ...]] = lambda: (),
) -> Generator[PyinfraCommand | str, None, None]:
    """
    Keep a box's report on the controller and print it; changes nothing on the box.

    + report: what was seen before the first step
    + again: looks once more, if the steps have changed the box
    + coverage: what works on the cards, once the steps have been taken
    + smoke: what the tests have said + served: which models answer
    """
    if state.is_executing:
        told = again() or report
        publish(replace(told, coverage=coverage(), smoke=smoke(), served=served()))
    host.noop("a report changes nothing")
    yield from ()


def publish(report: Report) -> None:
    """Write the report, and print it unless the inventory wants it quiet.

    A box that is stopped shows why in any case. What pyinfra is asked for goes to stdout,
    so this goes to stderr; in one piece, since boxes finish side by side.
    """
    own = settings.read(Settings, host.data.dict())
    report.write(own.report_folder)
    if own.report_shown or report.level == "stop":
        told = io.StringIO()
        on = screen(stderr=True)
        Console(file=told, width=on.width, force_terminal=on.is_terminal).print(Page(report))
        sys.stderr.write(told.getvalue())
