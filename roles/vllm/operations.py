"""The steps of the role vllm: each looks when it runs, decides by plan.py, acts by change.py."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pyinfra import host
from pyinfra import state as run_of
from pyinfra.api import Host
from pyinfra.api import State as Run
from pyinfra.api.command import FileUploadCommand, FunctionCommand

from roles.finding import accept
from roles.look.once import ask_now, changed
from roles.refuse import refuse
from roles.settings import SettingError
from roles.step import Commands, step
from roles.upstream.lock import LockRefused
from roles.vllm import change, health, plan, seen, unit
from roles.vllm import gates as judges
from roles.vllm.facts import VllmSaid
from roles.vllm.gates import Asked
from roles.vllm.model import PREFIX, Model
from roles.vllm.order import Known, Order, fetching, known
from roles.vllm.probes import BROUGHT, KEPT, Place
from roles.vllm.state import State
from roles.vllm.unit import Serving
from roles.work import Task
from roles.worked import worked

SECONDS = 60  # for an answer of a model that is up
FIRST_SECONDS = 300  # of one that has just come up, and compiles kernels for its first
PATIENCE = 20  # for one look at models that start
SHOWN = 12  # lines of a unit that has failed


@step
def gates(place: Place, asked: Asked, accepted: Mapping[str, str]) -> Commands:
    """
    Refuse what cannot work, before anything is done.

    + place: where to look + asked: what is to be served
    + accepted: stops that the user takes upon himself, and why
    """
    findings = accept(judges.judge(asked, seen.look(place)), accepted)
    if run_of.is_executing:
        for one in findings:
            if one.level in ("note", "warning"):
                host.log(f"vLLM: {judges.said(one)}")
    stops = [judges.said(one) for one in findings if one.level == "stop"]
    if stops:
        yield refuse(f"nothing is served: {'; '.join(stops)}")
        return
    host.noop("nothing stands in the way of these models")


@step
def away(place: Place) -> Commands:
    """Take units of ours away that serve none of these models. + place: with the models"""
    state = seen.look(place)
    units = plan.others(state, (one.unit for one in place.models))
    if not units:
        host.noop("no unit of ours serves anything else")
        return
    host.log(f"no longer served: {', '.join(units)}")
    yield change.away(state.engine.path, units)


@step
def engine(place: Place) -> Commands:
    """Have something that runs containers: what is there, or Docker from the distribution."""
    state = seen.look(place)
    ours = f"{KEPT}-packages" in state.traces
    against = plan.engine_refusal(state, ours)
    if against:
        yield refuse(f"nothing is served: {against}")
        return
    if state.engine.version:
        host.noop(f"{state.engine.kind} {state.engine.version} is there")
        return
    yield change.engine()
    if not seen.look(place).engine.version:
        yield refuse("Docker is installed and does not answer. Next: journalctl -u docker, there")


@step
def image(place: Place, order: Order) -> Commands:
    """Have the image that vLLM is in. + order: which"""
    state = seen.look(place)
    try:
        there = known(order)
    except (LockRefused, SettingError) as problem:
        yield refuse(f"nothing is served: {problem}")
        return
    if there and _plain(there.id) in state.engine.images:
        host.noop(f"{order.reference} is there: {there.id}")
        return
    got: list[dict[str, Any]] = []
    yield worked(fetching(order), got, "nothing is served")
    (made,) = got
    files = {one["name"]: one["size"] for one in made["files"]}
    against = plan.lacking_space(state, files)
    if against:
        yield refuse(f"nothing is served: {against}")
        return
    yield change.make_room(files)
    lacking = set(plan.lacking(state, files))
    for one in made["files"]:
        if one["name"] in lacking:
            yield FileUploadCommand(one["path"], f"{BROUGHT}/{one['name']}")
    yield change.load(state.engine.path, made["id"], made["manifest"])


def foreseen(place: Place, asked: Asked, accepted: Mapping[str, str], order: Order) -> Task | None:
    """What will have to be fetched for `image`."""
    state, there = seen.look(place), _known(order)
    if there and _plain(there.id) in state.engine.images:
        return None
    findings = accept(judges.judge(asked, state), accepted)
    return None if any(one.level == "stop" for one in findings) else fetching(order)


def _plain(image: str) -> str:
    return image.removeprefix("sha256:")


@step
def key(place: Place) -> Commands:
    """Have a key that clients have to know, which root alone can read. It never leaves the box."""
    there = seen.look(place).key
    why = plan.key_reasons(there)
    if there and not there.size:
        yield refuse(
            f"{place.key} is empty: anybody would be served. Next: put a key there, or delete it"
        )
        return
    if not why:
        host.noop(f"{place.key} is there, for root alone")
        return
    host.log(f"vLLM: {'; '.join(why)}")
    yield change.own_key(place.key) if there else change.make_key(place.key)


@step
def serve(place: Place, asked: Asked, order: Order, model: Model, hub: str) -> Commands:
    """
    Have a unit that serves a model, running as its settings say.

    + asked: with all models, among which it gets its cards + order: the image
    + hub: the address that models are fetched from
    """
    state = seen.look(place)
    text = unit.text(_serving(place, asked, order, model, hub, state))
    why = plan.unit_reasons(state.units.get(model.unit), unit.sum_of(text))
    if not why:
        host.noop(f"{model.unit} runs as its settings say")
        return
    host.log(f"{model.unit}: {'; '.join(why)}")
    yield change.start(model.unit, text)


def _serving(
    place: Place, asked: Asked, order: Order, model: Model, hub: str, state: State
) -> Serving:
    positions = judges.assigned(asked.models, len(asked.cards))[model.name]
    cards = [asked.cards[one] for one in positions if one < len(asked.cards)]
    there = _known(order)
    return Serving(
        model=model,
        offer=asked.offer,
        engine=state.engine.kind or "docker",
        program=state.engine.path or "/usr/bin/docker",
        image=there.id if there else "",  # which is only while nothing is done yet
        nodes=tuple(one for one in (state.kfd, *map(state.render.get, cards)) if one),
        listen=place.listen,
        key=place.key,
        hub=hub,
    )


def _known(order: Order) -> Known | None:
    """What the lock has, where that says something: the step for the image says what is wrong."""
    try:
        return known(order)
    except (LockRefused, SettingError):
        return None


@step
def answer(place: Place, minutes: int) -> Commands:
    """
    Have the models answer: those that start are waited for, those that are broken start anew.

    One that is slow is left alone, since somebody may be using it; and it is for a later step to
    fail where a model does not answer in the end.

    + minutes: that they may take
    """
    now = seen.answers(place, SECONDS, patience=0)
    broken = [one for one in now if one.condition == "broken"]
    if not broken and not any(one.condition == "starting" for one in now):
        host.noop(", ".join(f"{one.name}: {one.why or one.condition}" for one in now))
        return
    for one in broken:
        host.log(f"{one.name} starts anew: {one.why}")
        yield change.restart(f"{PREFIX}{one.name}.service")
    yield FunctionCommand(_awaited, (place, minutes), {})
    changed()


def _awaited(state: Run, host: Host, place: Place, minutes: int) -> bool:
    """Say how they come along, until all have answered or one cannot any more."""
    host.log(f"waiting for the models' first answers, {minutes} minutes at the most")
    told: dict[str, str] = {}
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        now = seen.answers(place, FIRST_SECONDS, PATIENCE)
        for one in now:
            said = f"{one.name}: {one.condition}{f', {one.why}' if one.why else ''}"
            if told.get(one.name) != said:
                host.log(said)
                told[one.name] = said
        if not any(one.condition in ("starting", "slow") for one in now):
            break
    return True


@step
def prune(place: Place, order: Order) -> Commands:
    """Take images away that runs of ours have brought and nothing of ours is made of any more."""
    state, there = seen.look(place), _known(order)
    current = _plain(there.id) if there else ""
    old = [one for one in state.kept if one != current and one in state.engine.images]
    if not old or not all(one.condition == "served" for one in seen.answered()):
        host.noop("there is no image of ours that is of no use")
        return
    yield change.forget(state.engine.path, (f"sha256:{one}" for one in old))


@step
def judge() -> Commands:
    """Fail where a model does not answer: a step of its own, after the report."""
    failed = [one for one in seen.answered() if one.condition != "served"]
    if not run_of.is_executing or not failed:
        host.noop("no model has failed to answer")
        return
    told = []
    for one in failed:
        name = f"{PREFIX}{one.name}.service"
        lines = ask_now(VllmSaid, unit=name)
        cause = health.cause(one.why, lines)
        for line in lines[-SHOWN:]:
            host.log(f"{one.name}: {line.rstrip()}")
        then = cause or f"Next: sudo journalctl -u {name}, on that box"
        told.append(f"{one.name}: {one.why}. {then}")
    yield refuse(f"not served: {'; '.join(told)}")


@step
def remove(place: Place) -> Commands:
    """Take all of it away: units, images, models that were fetched, the key, the engine."""
    state = seen.look(place)
    units = plan.others(state, ())
    if not units and not state.traces:
        host.noop("there is nothing of vLLM")
        return
    if units:
        yield change.away(state.engine.path, units)
    if state.kept:
        yield change.forget(state.engine.path, (f"sha256:{one}" for one in state.kept))
    yield change.remove()
