"""The steps of the role triton, in order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pyinfra.context import ctx_host

from roles import settings
from roles.ahead import Foreseen
from roles.pytorch.deploy import place
from roles.pytorch.settings import NONE
from roles.pytorch.settings import Settings as PytorchSettings
from roles.pytorch.stack import stacks
from roles.triton import operations
from roles.triton.compile import Effort
from roles.triton.order import Order
from roles.triton.plan import Wanted
from roles.triton.settings import Settings
from roles.triton.source import for_version
from roles.upstream.given import given


def triton(arch: str, build: bool = False) -> Callable[[], bool]:
    """
    A Triton for this arch, where one is wanted or has been. Gives a question for later: changed?

    + build: whatever the settings say
    """
    found = _wanted(arch)
    if found is None:
        return lambda: False
    wanted, order = found
    own = settings.read(Settings, ctx_host.get().data.dict())
    operations.finish(
        name="Triton | a build that goes on", place=place(arch), wanted=wanted, order=order
    )
    step = operations.only(
        name="Triton | the only one",
        place=place(arch),
        wanted=wanted,
        order=order,
        effort=Effort(own.triton_jobs, own.triton_job_mib),
        build=build or own.triton_build,
    )
    return step.did_change


def source(arch: str) -> Foreseen:
    """A question for the first step: what will `triton` fetch to build?"""
    found = _wanted(arch)
    if found is None:
        return lambda: None
    build = settings.read(Settings, ctx_host.get().data.dict()).triton_build
    return partial(operations.foreseen, place(arch), *found, build)


def _wanted(arch: str) -> tuple[Wanted, Order] | None:
    """Which, and what it is built of; None: there is none for this PyTorch, or no PyTorch."""
    data = ctx_host.get().data.dict()
    own, torch = settings.read(Settings, data), settings.read(PytorchSettings, data)
    if torch.pytorch_stack == NONE:
        return None
    packages = stacks()[torch.pytorch_stack].packages
    distribution = next(name for name in packages if "triton" in name)
    source = for_version(packages[distribution], own.triton_commit)
    if source is None:
        return None
    upstream = given(data)
    order = Order(
        source=source,
        addresses=upstream.addresses,
        llvm_sha256=own.triton_llvm_sha256,
        lock=upstream.lock,
        cache=upstream.cache,
    )
    return Wanted(distribution, f"{source.version}{source.local(arch)}"), order


def no_triton(arch: str) -> None:
    """The box as it was before `triton`, but for the environment, which goes as a whole."""
    operations.remove(name="Triton | away", place=place(arch))
