"""The steps of the role graft, in order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from pyinfra.context import ctx_host

from roles import settings
from roles.ahead import Foreseen
from roles.graft import operations, seen, survey
from roles.graft.covered import Covered, covered
from roles.graft.donor import for_release
from roles.graft.order import Layout, Order
from roles.graft.settings import Settings
from roles.rocm.release import Release, load
from roles.rocm.settings import Settings as RocmSettings
from roles.upstream.given import given


def graft(arch: str) -> Callable[[], bool]:
    """Kernels for this arch in the box's rocBLAS. Gives a question for later: has it changed?"""
    release, order = _wanted(arch)
    step = operations.install(name="Graft | rocBLAS", release=release, order=order)
    return step.did_change


def donor(arch: str) -> Foreseen:
    """A question for the first step: which donor will `graft` fetch?"""
    return partial(operations.foreseen, *_wanted(arch))


def _wanted(arch: str) -> tuple[Release, Order]:
    data = ctx_host.get().data.dict()
    own, rocm = settings.read(Settings, data), settings.read(RocmSettings, data)
    upstream = given(data)
    order = Order(
        donor=own.graft_donor or for_release(rocm.rocm_release).name,
        arch=arch,
        layout=cast(Layout, own.graft_layout),
        addresses=upstream.addresses,
        key=own.graft_donor_key,
        sha256=own.graft_donor_sha256,
        lock=upstream.lock,
        cache=upstream.cache,
    )
    return load(rocm.rocm_release), order


def coverage(arch: str) -> Callable[[], Covered]:
    """Find out what the libraries carry. Gives a question for later: what works on this arch?"""
    release = load(settings.read(RocmSettings, ctx_host.get().data.dict()).rocm_release)
    survey.survey(name="Graft | coverage", release=release, arch=arch)
    return lambda: covered(seen.look(release, arch), release, arch)


def ungraft(arch: str) -> None:
    """The box as it was before `graft` and `coverage`."""
    data = ctx_host.get().data.dict()
    release = load(settings.read(RocmSettings, data).rocm_release)
    # first: the package takes the folder along, if nothing else is in it
    survey.forget(name="Graft | coverage away", release=release, arch=arch)
    operations.remove(name="Graft | away", release=release, arch=arch)
