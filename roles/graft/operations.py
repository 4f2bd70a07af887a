"""The steps of the role graft: each looks when it runs, decides by plan.py, acts by change.py."""

from __future__ import annotations

from pyinfra import host
from pyinfra.api.command import FileUploadCommand

from roles.graft import change, controller, plan, seen
from roles.graft import order as orders
from roles.graft.facts import DebWould, Free
from roles.graft.order import Built, Graft, Order, Recipient
from roles.graft.state import State
from roles.look.once import ask_now
from roles.refuse import refuse
from roles.rocm.release import Release
from roles.step import Commands, step
from roles.work import Task


@step
def install(release: Release, order: Order) -> Commands:
    """
    Have a donor's kernels in rocBLAS's library directory, as a package that owns and checks them.

    + release: of ROCm, which has to be there
    + order: what is to be built
    """
    state = seen.look(release, order.arch)
    found = _recipient(state, release)
    if found is None:
        yield refuse(
            f"there is no rocBLAS of ROCm {release.release} in {release.prefix}, and so nothing to "
            "graft onto. Next: pyinfra INVENTORY deploy/mi50.py, which installs it first"
        )
        return
    known = orders.known(order, found)
    why = _reasons(state, known)
    if known and not why:
        host.noop(f"{known.name} {known.version} is in place, every file as it was brought")
        return
    host.log(f"graft: {'; '.join(why)}")
    made: list[Built] = []
    yield controller.building(found.library, order, found, made)
    yield from _put(made[0])


def _put(built: Built) -> Commands:
    lacking = plan.lacking_space(built, *ask_now(Free))
    if lacking:
        yield refuse(f"the graft is not installed: {lacking}")
        return
    path = change.uploaded(built)
    yield change.make_room()
    yield FileUploadCommand(built.path, path)
    against = plan.objections(ask_now(DebWould, deb=path))
    if against:
        yield refuse(f"the graft is not installed: {'; '.join(against)}")
        return
    yield change.install(built)


@step
def remove(release: Release, arch: str) -> Commands:
    """Take a graft away; what it had set aside comes back. + release: onto which it was put"""
    names = [one.name for one in seen.look(release, arch).grafts()]
    if names:
        yield change.remove(names)
    else:
        host.noop("there is no graft")


def foreseen(release: Release, order: Order) -> Task | None:
    """What will have to be fetched, as far as the box shows it by now."""
    state = seen.look(release, order.arch)
    found = _recipient(state, release)
    known = orders.known(order, found) if found else None
    return orders.fetching(order) if _reasons(state, known) else None


def _reasons(state: State, known: Graft | None) -> list[str]:
    return plan.reasons(state, known) if known else ["its donor is not known yet"]


def _recipient(state: State, release: Release) -> Recipient | None:
    there = state.recipient(release.release)
    if there is None or not (state.catalogs and release.has_built(there.version)):
        return None
    return Recipient(there.name, there.version, release.prefix, state.catalogs)
