"""The steps of the role pytorch, in order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pyinfra.context import ctx_host

from roles import settings
from roles.ahead import Foreseen
from roles.gpu.settings import Settings as GpuSettings
from roles.graft.donor import for_release
from roles.graft.order import Order as Donation
from roles.graft.settings import Settings as GraftSettings
from roles.pytorch import operations
from roles.pytorch.order import UPSTREAM, Order
from roles.pytorch.seen import Place
from roles.pytorch.settings import NONE, Settings
from roles.pytorch.stack import stacks
from roles.upstream.given import given


def place(arch: str) -> Place:
    """Where this box's environment is, and whose."""
    data = ctx_host.get().data.dict()
    own, gpu = settings.read(Settings, data), settings.read(GpuSettings, data)
    return Place(gpu.gpu_user, own.pytorch_venv, own.pytorch_python, arch)


def pytorch(arch: str) -> Callable[[], bool]:
    """PyTorch that computes on this arch. Gives a question for later: has it changed?"""
    data = ctx_host.get().data.dict()
    own, giver = settings.read(Settings, data), settings.read(GraftSettings, data)
    if own.pytorch_stack == NONE:
        return lambda: False
    stack, where, order = stacks()[own.pytorch_stack], place(arch), _order()
    steps = [
        operations.environment(name="PyTorch | environment", place=where, stack=stack, order=order),
    ]
    if stack.graft:
        steps.append(
            operations.graft(
                name="PyTorch | graft",
                place=where,
                stack=stack,
                order=Donation(
                    donor=giver.graft_donor or for_release(stack.release).name,
                    arch=arch,
                    layout="flat",
                    addresses=given(data).addresses,
                    key=giver.graft_donor_key,
                    sha256=giver.graft_donor_sha256,
                    lock=order.lock,
                    cache=order.cache,
                ),
            )
        )
    return lambda: any(step.did_change() for step in steps)


def wheels(arch: str) -> Foreseen:
    """A question for the first step: which wheels will `pytorch` fetch?"""
    data = ctx_host.get().data.dict()
    name = settings.read(Settings, data).pytorch_stack
    if name == NONE:
        return lambda: None
    return partial(operations.foreseen, place(arch), stacks()[name], _order())


def _order() -> Order:
    data = ctx_host.get().data.dict()
    own, upstream = settings.read(Settings, data), given(data)
    stack = stacks()[own.pytorch_stack]
    return Order(
        stack=stack.name,
        packages=stack.packages,
        index=f"{upstream.addresses[UPSTREAM].rstrip('/')}/{stack.index}",
        lock=upstream.lock,
        cache=upstream.cache,
    )


def no_pytorch(arch: str) -> None:
    """The box as it was before `pytorch`."""
    operations.remove(name="PyTorch | away", place=place(arch))
