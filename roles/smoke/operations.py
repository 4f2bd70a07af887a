"""The steps of the role smoke."""

from __future__ import annotations

import hashlib
import io
import json
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from pyinfra import host
from pyinfra import state as run_of
from pyinfra.api.command import FileUploadCommand

from roles.look.once import ask
from roles.look.shell import snippet
from roles.pytorch import seen
from roles.pytorch.plan import GRAFTS
from roles.pytorch.seen import Place
from roles.refuse import refuse
from roles.smoke.facts import SmokeState
from roles.smoke.order import Digits, fetching
from roles.smoke.program import program
from roles.smoke.results import Smoke
from roles.smoke.state import FOLDER, State
from roles.step import Commands, step
from roles.work import Task
from roles.worked import worked

DO = Path(__file__).with_name("do")
PROGRAM = "smoke.pyz"


def look() -> State:
    """What the box keeps, now."""
    return cast(State, ask(SmokeState))


def told(place: Place) -> Smoke | None:
    """What the tests have said last, for a report. + place: the environment with torch in it"""
    last, packages = look().result, seen.look(place).packages.items()
    grafts = [" ".join(one) for one in packages if one[0].startswith(GRAFTS)]
    tritons = [" ".join(one) for one in packages if "triton" in one[0]]
    return last and replace(last, graft=", ".join(grafts), triton=", ".join(tritons))


@step
def run(
    place: Place,
    digits: Digits,
    tests: tuple[str, ...],
    arguments: tuple[str, ...],
    again: bool,
) -> Commands:
    """
    Have the tests done, as the user of the environment, and what they say kept on the box.

    + place: the environment with torch in it
    + digits: for mnist
    + tests: those that have to have been done, since what they depend on has changed
    + arguments: of the program, besides
    + again: even if they have been
    """
    state, there = look(), seen.look(place)
    packages = there.packages
    digest = hashlib.sha256(program()).hexdigest()
    ours = {name: packages[name] for name in packages if "torch" in name or "triton" in name}
    told = [digest, arguments, asdict(place), sorted(ours.items()), state.machine, digits.sha256]
    key = hashlib.sha256(json.dumps(told, default=dict).encode()).hexdigest()[:16]
    last = state.result
    done = {one.test for one in last.tests} if last and last.key == key else set()
    if not again and last and done.issuperset(tests) and last.result != "fail":
        host.noop(f"tested on {last.when}: {last.result}")
        return
    yield f"install -d {FOLDER}"
    lacking = digits.lacking(state.files)
    if lacking.sha256:
        fetched: list[dict[str, str]] = []
        yield worked(fetching(lacking), fetched, "no digits")
        for name, path in fetched[0].items():
            yield FileUploadCommand(path, f"{FOLDER}/{name}")
    if state.files.get(PROGRAM) != digest:
        yield FileUploadCommand(io.BytesIO(program()), f"{FOLDER}/{PROGRAM}")
    words = " ".join(map(shlex.quote, ("--tests", ",".join(tests), *arguments)))
    yield f"set -- {words}\n" + snippet(
        DO / "run.sh", folder=FOLDER, user=there.user, venv=place.venv, key=key
    )
    after = look().result
    if after is None or after.key != key:
        yield refuse(f"the tests have said nothing that can be read: {FOLDER}/result.json")


def foreseen(digits: Digits) -> Task | None:
    """What will have to be fetched for `run`, as far as the box shows it by now."""
    lacking = digits.lacking(look().files)
    return fetching(lacking) if lacking.sha256 else None


@step
def judge() -> Commands:
    """Fail where a test has failed: a step of its own, after the report, which says more."""
    last = look().result
    if run_of.is_executing and last and last.result == "fail":
        failed = [f"{one.test} {one.card}: {one.why}" for one in last.tests if one.result == "fail"]
        yield refuse(f"this box is not proven: {'; '.join(failed)}")
        return
    host.noop("no test has failed")


@step
def forget() -> Commands:
    """Take away what the tests have left."""
    state = look()
    if state.files or state.result:
        yield snippet(DO / "remove.sh", folder=FOLDER)
    else:
        host.noop("the tests have left nothing")
