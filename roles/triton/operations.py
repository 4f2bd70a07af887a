"""The steps of the role triton: each looks when it runs, decides by plan.py, acts by change.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyinfra import host
from pyinfra.api.command import FileUploadCommand

from roles.pytorch import seen as pytorch
from roles.pytorch.seen import Place
from roles.refuse import refuse
from roles.step import Commands, step
from roles.triton import change, compile, kept, plan, seen
from roles.triton.compile import Effort
from roles.triton.kept import Kept
from roles.triton.order import Order, fetching
from roles.triton.plan import Wanted
from roles.upstream.alone import alone
from roles.upstream.wheel import Target
from roles.work import Task
from roles.worked import worked


@step
def finish(place: Place, wanted: Wanted, order: Order) -> Commands:
    """
    Bring what a run that was cut off has begun to its end: first, or another box would begin anew.

    + place, wanted, order: as for `only`
    """
    state = seen.look(place)
    if state.building != compile.what(wanted) or not (state.active or state.made):
        host.noop("no build goes on here")
        return
    host.log("an earlier run has begun to build Triton: its end is waited for")
    yield from compile.brought(place, wanted, _where(place, wanted, order))


def _where(place: Place, wanted: Wanted, order: Order) -> Path:
    return kept.folder(order.cache, wanted.version, _target(place))


def _target(place: Place) -> Target:
    there = pytorch.look(place)
    return Target(there.python, there.machine, there.libc.removeprefix("glibc "))


@step
def only(place: Place, wanted: Wanted, order: Order, effort: Effort, build: bool) -> Commands:
    """
    Have one Triton in an environment: ours, whole.

    + place: the environment, which has to be there
    + wanted: which + order: what it is built of + effort: how hard the box may try
    + build: also where none has been so far; else what was there once is kept
    """
    state = seen.look(place)
    if not build and not state.marked:
        host.noop("PyTorch keeps the Triton that it brings, which does not know the card")
        return
    why = plan.reasons(state, wanted)
    if not why:
        host.noop(f"{wanted.distribution} {wanted.version} is the only one, and whole")
        return
    host.log(f"Triton: {'; '.join(why)}")
    where = _where(place, wanted, order)
    wheel = kept.kept(where)
    if wheel is None:
        made: list[dict[str, Any]] = []
        yield worked(fetching(order, _target(place)), made, "there is no Triton")
        where.parent.mkdir(parents=True, exist_ok=True)
        with alone(where.with_name(f"{where.name}.lock"), _waiting):
            wheel = kept.kept(where)
            if wheel is None:
                yield from compile.begun(place, wanted, effort, made[0])
                yield from compile.brought(place, wanted, where)
                wheel = kept.kept(where)
    if wheel is None:
        yield refuse("there is no Triton: none was built")
        return
    yield from _installed(place, wanted, wheel)


def foreseen(place: Place, wanted: Wanted, order: Order, build: bool) -> Task | None:
    """What will have to be fetched for `only`."""
    state = seen.look(place)
    if not (build or state.marked) or not plan.reasons(state, wanted):
        return None
    there = pytorch.look(place)
    if not there.python or kept.kept(_where(place, wanted, order)):
        return None
    return fetching(order, _target(place))


def _waiting() -> None:
    host.log("another box of this run builds it: this one gets what comes of that")


def _installed(place: Place, wanted: Wanted, wheel: Kept) -> Commands:
    state = seen.look(place)
    host.log(f"{Path(wheel.path).name}, built on {wheel.by}")
    lacking = plan.lacking_tools(state)
    if lacking:
        yield change.tools(lacking)
    yield change.make_room(change.INSTALL)
    yield FileUploadCommand(wheel.path, change.uploaded(wheel.path))
    yield change.install(
        pytorch.look(place).user,
        place.venv,
        wheel.path,
        wheel.sha256,
        wanted,
        [name for name, _ in state.claims],
    )
    why = plan.reasons(seen.look(place), wanted)
    if why:
        yield refuse(f"the Triton that was installed is not as it should be: {'; '.join(why)}")


@step
def remove(place: Place) -> Commands:
    """Take away what building and running it has left outside of the environment."""
    state = seen.look(place)
    if not state.traces and not state.unit_known:
        host.noop("there is nothing of a Triton outside of the environment")
        return
    yield change.clear()
    yield change.remove()
