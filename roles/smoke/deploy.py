"""The steps of the role smoke."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pyinfra.context import ctx_host

from roles import settings
from roles.ahead import Foreseen
from roles.gpu.card import Card
from roles.gpu.known import peaks
from roles.gpu.settings import Settings as GpuSettings
from roles.pytorch.deploy import place
from roles.pytorch.settings import NONE
from roles.pytorch.settings import Settings as PytorchSettings
from roles.smoke import operations
from roles.smoke.order import Digits
from roles.smoke.results import Smoke
from roles.smoke.settings import Settings
from roles.upstream.given import given

TABLE = Path(__file__).with_name("digits.toml")


def smoke(
    arch: str, cards: tuple[Card, ...], tests: tuple[str, ...], again: bool = False
) -> Callable[[], Smoke | None]:
    """
    Test the cards of this arch. Gives a question for later: what came of it?

    + cards: that the box has
    + tests: which
    + again: even if nothing has changed since they were done
    """
    data = ctx_host.get().data.dict()
    if settings.read(PytorchSettings, data).pytorch_stack == NONE:
        return lambda: None
    own = settings.read(Settings, data)
    arguments = [
        "--arch",
        arch,
        *("--accuracy", f"{own.smoke_accuracy / 100:.2f}", "--epochs", str(own.smoke_epochs)),
        *("--celsius", str(own.smoke_celsius)),
    ]
    sheets = [peaks(card.name) for card in cards if card.arch == arch]
    if sheets:
        arguments += ["--peaks", json.dumps(sheets[0])]
    if settings.read(GpuSettings, data).gpu_stand_in:
        arguments.append("--stand-in")
    if own.smoke_require_hardware:
        arguments.append("--require-hardware")
    where = place(arch)
    operations.run(
        name=f"Smoke | {', '.join(tests)}",
        place=where,
        digits=_digits(),
        tests=tests,
        arguments=tuple(arguments),
        again=again,
    )
    return lambda: operations.told(where)


def digits() -> Foreseen:
    """A question for the first step: which digits will `smoke` fetch?"""
    if settings.read(PytorchSettings, ctx_host.get().data.dict()).pytorch_stack == NONE:
        return lambda: None
    return partial(operations.foreseen, _digits())


def _digits() -> Digits:
    data = ctx_host.get().data.dict()
    own, upstream = settings.read(Settings, data), given(data)
    table = tomllib.loads(TABLE.read_text())
    return Digits(
        address=upstream.addresses[table["upstream"]],
        sha256={**table["sha256"], **own.smoke_digits_sha256},
        cache=upstream.cache,
    )


def proven() -> None:
    """The end of a deploy that tests: it fails where a test has."""
    if settings.read(PytorchSettings, ctx_host.get().data.dict()).pytorch_stack != NONE:
        operations.judge(name="Smoke | verdict")


def no_smoke() -> None:
    """The box as it was before `smoke`."""
    operations.forget(name="Smoke | away")
