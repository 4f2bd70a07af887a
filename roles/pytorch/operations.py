"""The steps of the role pytorch: each looks when it runs, decides by plan.py, acts by change.py."""

from __future__ import annotations

from typing import Any

from pyinfra import host
from pyinfra.api.command import FileUploadCommand

from roles.graft import controller
from roles.graft import order as donations
from roles.graft.order import Built, Recipient
from roles.graft.order import Order as Donation
from roles.pytorch import change, plan, seen
from roles.pytorch.order import Order, fetching
from roles.pytorch.seen import Place
from roles.pytorch.stack import Stack
from roles.pytorch.state import State
from roles.refuse import refuse
from roles.step import Commands, step
from roles.upstream.wheel import Target, Wheel
from roles.work import Task
from roles.worked import worked


@step
def environment(place: Place, stack: Stack, order: Order) -> Commands:
    """
    Have an environment with a stack in it, in these versions.

    + place: where it is, and whose
    + stack: which
    + order: the wheels that it is made of
    """
    state = seen.look(place)
    against = plan.refusals(state, stack, place.venv, place.python)
    if against:
        yield refuse(f"there is no PyTorch: {against[0]}")
        return
    if state.unfinished:
        host.log("an earlier run was cut off: what it has begun on the box is waited for")
        yield change.wait()
        state = seen.look(place)
    why = plan.reasons(state, stack)
    if not why:
        host.noop(f"PyTorch {stack.name} is in {place.venv}")
        return
    host.log(f"PyTorch: {'; '.join(why)}")
    made: list[list[dict[str, Any]]] = []
    yield worked(_fetching(state, order), made, "there is no PyTorch")
    lacking = plan.lacking_space(state, [one["size"] for one in made[0]])
    if lacking:
        yield refuse(f"there is no PyTorch: {lacking}")
        return
    yield change.make_room()
    wheels = []
    for one in made[0]:
        path = one.pop("path")
        del one["size"]
        wheels.append(Wheel(**one))
        yield FileUploadCommand(path, f"{change.FOLDER}/{one['file']}")
    yield change.make(
        state.user, place.venv, place.python, wheels, anew=bool(plan.worn(state, stack))
    )


def foreseen(place: Place, stack: Stack, order: Order) -> Task | None:
    """What will have to be fetched for `environment`."""
    state = seen.look(place)
    against = plan.refusals(state, stack, place.venv, place.python)
    return None if against or not plan.reasons(state, stack) else _fetching(state, order)


def _fetching(state: State, order: Order) -> Task:
    target = Target(state.python, state.machine, state.libc.removeprefix("glibc "))
    return fetching(order, target)


@step
def graft(place: Place, stack: Stack, order: Donation) -> Commands:
    """
    Have a donor's kernels in torch's own rocBLAS, as a wheel that owns them.

    + place, stack: as for the environment, which has to be there
    + order: what is to be built
    """
    state = seen.look(place)
    if not state.catalogs:
        yield refuse(
            f"torch in {place.venv} has no rocBLAS catalogs to fit a graft to: is it a build for "
            "ROCm? Next: pyinfra INVENTORY deploy/mi50.py, which installs one"
        )
        return
    found = Recipient("torch", stack.torch, plan.LIBRARIES, state.catalogs)
    known = donations.known(order, found)
    why = plan.graft_reasons(state, known) if known else ["its donor is not known yet"]
    if known and not why:
        host.noop(f"{known.name} is in place, every file as it was brought")
        return
    host.log(f"graft: {'; '.join(why)}")
    made: list[Built] = []
    yield controller.building(f"{state.site}/{found.library}", order, found, made)
    lacking = plan.lacking_space(state, [made[0].unpacked])
    if lacking:
        yield refuse(f"the graft is not installed: {lacking}")
        return
    yield change.make_room()
    yield FileUploadCommand(made[0].path, change.uploaded(made[0]))
    yield change.graft(state.user, place, made[0])


@step
def remove(place: Place) -> Commands:
    """Take the environment away, and what came for its sake. + place: where it is"""
    state = seen.look(place)
    if state.owner and not state.ours:
        host.noop(f"{place.venv} is no environment of ours, and stays")
    elif not state.owner and not state.traces:
        host.noop("there is no environment")
    else:
        yield change.remove(place.venv)
