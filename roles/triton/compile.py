"""A build on a box: begun, followed, and its wheel brought to the controller."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from pyinfra import host, logger
from pyinfra.api import Host
from pyinfra.api import State as Run
from pyinfra.api.command import (
    FileDownloadCommand,
    FileUploadCommand,
    FunctionCommand,
)

from roles.look.once import ask_now, changed
from roles.pytorch import seen as pytorch
from roles.pytorch.seen import Place
from roles.refuse import refuse
from roles.step import Commands
from roles.triton import buildlog, change, kept, plan, seen
from roles.triton.facts import BuildFollowed
from roles.triton.jobs import MIB, TooSmall, jobs
from roles.triton.plan import Wanted
from roles.triton.probes import FOLDER, LOG

LOOKS = 20_000  # of up to 20 s each: nobody waits for days


@dataclass(frozen=True)
class Effort:
    """+ jobs: compilers at once; 0: as many as there is room for + job_mib: memory for each"""

    jobs: int
    job_mib: int


def what(wanted: Wanted) -> str:
    """What a build of this is called on its box."""
    return f"{wanted.distribution} {wanted.version}"


def begun(place: Place, wanted: Wanted, effort: Effort, made: Mapping[str, Any]) -> Commands:
    """
    Have a build of this begin on this box, if it can.

    + made: what it is built of, on the controller
    """
    state = seen.look(place)
    source, llvm, tools = made["source"], made["llvm"], made["tools"]
    lacking = plan.lacking_space(
        state, source["size"], llvm["size"], sum(one["size"] for one in tools)
    )
    try:
        could = jobs(state.memory, state.processors, effort.job_mib * MIB, effort.jobs)
    except TooSmall as problem:
        lacking = str(problem)
    if lacking:
        yield refuse(f"Triton cannot be built here: {lacking}")
        return
    host.log(
        f"building with {could.compile} compilers and {could.link} linkers at once, in "
        f"{could.memory // MIB} MiB of memory"
    )
    yield change.clear()
    yield change.make_room(f"{FOLDER}/tools")
    yield FileUploadCommand(source["path"], f"{FOLDER}/source.tar")
    yield FileUploadCommand(llvm["path"], f"{FOLDER}/llvm.tar.gz")
    for one in tools:
        yield FileUploadCommand(one["path"], f"{FOLDER}/tools/{one['file']}")
    if packages := plan.lacking_tools(state, build=True):
        yield change.tools(packages)
    ours = [(one["name"], one["version"], one["sha256"]) for one in tools]
    user = pytorch.look(place).user
    yield change.start(what(wanted), user, place.python, could, wanted, ours)


def brought(place: Place, wanted: Wanted, where: Path) -> Commands:
    """Follow the build on this box, and put the wheel where it is kept."""
    yield FunctionCommand(_followed, (), {})
    changed()
    state = seen.look(place)
    if state.made is None:
        yield refuse(f"the build of Triton has ended without a wheel. Next: read {LOG}, there")
        return
    path, sha256 = state.made
    new = where.with_name(f".{host.name}") / PurePath(path).name
    new.parent.mkdir(parents=True, exist_ok=True)
    yield FileDownloadCommand(path, str(new))
    yield FunctionCommand(_kept, (new, sha256, wanted, where), {})
    yield change.clear()


def _followed(state: Run, host: Host) -> bool:
    """Say how far it is, as often as that changes, until it has ended."""
    lines: list[str] = []
    start, said = 0, ""
    for _ in range(LOOKS):
        told = ask_now(BuildFollowed, start=start)
        start = told.size
        lines += told.lines
        now = buildlog.progress(lines)
        if now != said:
            host.log(f"Triton: {now}")
            said = now
        if told.ended:
            break
    if said == buildlog.BUILT:
        return True
    host.log_styled(
        f"the build of Triton failed: {buildlog.first_error(lines)}. "
        f"{buildlog.cause(lines, told.result)}. The log is {LOG} on that box",
        fg="red",
        log_func=logger.error,
    )
    return False


def _kept(state: Run, host: Host, new: Path, sha256: str, wanted: Wanted, where: Path) -> bool:
    try:
        begins = kept.name(wanted.distribution, wanted.version)
        kept.keep(new, sha256, begins, where, by=host.name)
    except kept.NoWheel as problem:
        host.log_styled(f"there is no Triton: {problem}", fg="red", log_func=logger.error)
        return False
    finally:
        shutil.rmtree(new.parent)
    return True
