"""The steps of the role rocm: each looks when it runs, decides by plan.py, acts by change.py."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import cast

from pyinfra import host
from pyinfra.operations import server

from roles.look.once import ask, ask_now
from roles.place import place
from roles.refuse import refuse
from roles.rocm import change, files, plan, simulation
from roles.rocm.facts import AptWould, RocmState
from roles.rocm.release import Release
from roles.rocm.simulation import Simulation
from roles.rocm.state import State
from roles.step import Commands, step

# A container may have systemd and no udev, whose devices are its host's: it has nobody to tell.
UDEV = "! [ -S /run/udev/control ] || { udevadm control --reload-rules && udevadm trigger; }"


def _look(user: str) -> State:
    return cast(State, ask(RocmState, user=user))


@step
def heal(user: str) -> Commands:
    """Finish, or clear away, what dpkg was interrupted in. + user: as for the others"""
    state = _look(user)
    stuck = plan.stuck(state)
    if not (stuck or state.interrupted):
        host.noop("dpkg has come to an end with everything")
        return
    if stuck:
        host.log(f"half-done since an earlier run: {', '.join(stuck)}; they come anew")
    yield change.heal(stuck)


@step
def packages(
    user: str,
    release: Release,
    profile: str,
    beside: bool,
    addresses: Mapping[str, str],
    key: str,
) -> Commands:
    """
    Have a release of ROCm installed, from repositories that apt knows and knows once.

    What a mirror or apt refuses is refused before anything of it is in place: new sources are
    tried aside, apt's plan is read, every archive is there before the first package moves, and
    what was tried comes into /etc once its packages are there.

    + user: the account that will use the cards
    + release: which one
    + profile: how much of it
    + beside: whether other releases stay
    + addresses: of the upstreams, by name
    + key: AMD's, armoured
    """
    state = _look(user)
    if state.system not in release.systems:
        yield refuse(_not_built(release, state))
        return
    wanted = files.sources(release, state.system, addresses, key)
    todo = plan.packages(state, release, profile, beside)
    old, installer = plan.leftovers(state), state.version("amdgpu-install") is not None
    if not (plan.files(state, wanted) or old or installer or todo.install or todo.remove):
        host.noop(f"ROCm {release.release} is installed, and apt knows AMD's repositories")
        return
    yield change.try_sources(wanted, old, others=bool(todo.install))
    if todo.install or todo.remove:
        would = ask_now(AptWould, install=list(todo.install), remove=list(todo.remove))
        against = simulation.objections(would, release, state.system)
        if against:
            yield change.forget_sources()
            yield refuse(f"ROCm {release.release} is not installed: {'; '.join(against)}")
            return
        _tell(release, would, todo)
        if todo.remove:  # or else apt fetches all that it will unpack before it begins
            yield change.download(todo.install, todo.remove)
        yield change.switch(todo.install, todo.remove)
    yield change.put_sources(wanted, old, installer)


def _not_built(release: Release, state: State) -> str:
    return (
        f"AMD builds ROCm {release.release} for {', '.join(release.systems)}; "
        f"this box is {state.system or 'of an unknown system'}. Next: another rocm_release "
        "in the inventory, or one of those systems"
    )


def _tell(release: Release, would: Simulation, todo: plan.Packages) -> None:
    size = simulation.size
    host.log(
        f"ROCm {release.release}: {len(would.installs)} packages, "
        f"archives of {size(would.archives)}, {size(would.disk)} on the disk"
        + (f"; {len(todo.remove)} of another release go" if todo.remove else "")
    )
    for trap in release.traps:
        host.log(f"known of {release.release}: {trap}")


@step
def alternative(user: str, release: Release) -> Commands:
    """Have /opt/rocm point to this release. + release: which one"""
    if _look(user).alternative == release.prefix:
        host.noop(f"/opt/rocm is {release.prefix}")
        return
    yield f"update-alternatives --set rocm {shlex.quote(release.prefix)}"


@step
def environment(user: str, wanted: Mapping[str, str]) -> Commands:
    """Have shells, the linker and udev know ROCm. + wanted: the files, by path"""
    lacking = plan.files(_look(user), wanted)
    if not lacking:
        host.noop("shells, the linker and udev know ROCm")
        return
    yield f"{place(lacking)}\nldconfig\n{UDEV}"


@step
def account(user: str, create: bool) -> Commands:
    """
    Have the account that will use the cards in their groups.

    + create: whether to make the account if it is not there
    """
    state = _look(user)
    if not state.user_exists and not create:
        yield refuse(
            f"there is no account {state.user!r} on this box. "
            "Next: name another with gpu_user in the inventory, or set rocm_user_create"
        )
        return
    lacking = plan.groups(state)
    if state.user_exists and not lacking:
        host.noop(f"{state.user} is in the groups of the cards")
        return
    name = shlex.quote(state.user)
    if not state.user_exists:
        yield f"useradd --create-home --shell /bin/bash {name}"
    yield f"usermod --append --groups {','.join(lacking)} {name}"


@step
def driver(user: str, release: Release, choice: str, cards: int) -> Commands:
    """
    Have the cards driven, by the kernel's own driver or by AMD's.

    + choice: the setting rocm_driver
    + cards: how many the box has
    """
    state = _look(user)
    kind, why = plan.driver(state, release, choice, cards)
    if kind != "dkms":
        host.noop(f"driver: {why}")
        return
    if state.system not in release.systems:
        yield refuse(_not_built(release, state))
        return
    if not plan.dkms_is_built(state, release):
        if state.secure_boot:
            yield refuse(
                "Secure Boot is on: the kernel would not load a driver built here. Next: "
                "sudo update-secureboot-policy --new-key; sudo mokutil --import "
                "/var/lib/shim-signed/mok/MOK.der; reboot and enrol it; or rocm_driver = 'auto'"
            )
            return
        yield change.lists()
        wanted = plan.dkms_packages(state, release)
        would = ask_now(AptWould, install=list(wanted), remove=[])
        against = simulation.objections(would, release, state.system)
        if against:
            yield refuse(f"AMD's driver is not installed: {'; '.join(against)}")
            return
        yield change.dkms(release.driver_for(state.system), wanted)
    start = plan.driver_start(_look(user))
    if start == "load":
        yield "modprobe amdgpu"
    elif start == "reboot":
        host.log("rebooting: the driver that is loaded is not the one that was built")
        yield from server.reboot._inner(delay=5)
    else:
        host.noop("AMD's driver is built and loaded")
        return


@step
def hold(user: str, ours: bool, kernel: bool) -> Commands:
    """
    Keep apt from moving ROCm, or the kernel, by itself.

    + ours: whether ROCm and its driver are held
    + kernel: whether the kernel's meta packages are
    """
    keep, let_go = plan.holds(_look(user), ours, kernel)
    if keep:
        yield f"apt-mark hold {' '.join(map(shlex.quote, keep))}"
    if let_go:
        yield f"apt-mark unhold {' '.join(map(shlex.quote, let_go))}"
    if not (keep or let_go):
        host.noop("apt's holds are as they should be")
