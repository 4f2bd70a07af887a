"""One look at a box for a whole run.

A remote command costs more than most questions do, and a run that changes nothing is nothing but
questions. So those that a deploy asked of a box last time are asked with its first, all in one
command, and what a box has answered serves until a command changes it. Any other question is asked
when it comes up, and so is one whose answer could not be read: by itself, as pyinfra would.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import math
import secrets
import shlex
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from pyinfra.api import FactBase, FactProcessError, Host, State
from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS, pop_global_arguments
from pyinfra.api.exceptions import PyinfraError
from pyinfra.context import ctx_host, ctx_state

from roles import settings
from roles.look import shell
from roles.look.settings import Settings
from roles.upstream.settings import Settings as UpstreamSettings

T = TypeVar("T")

GOOD_FOR = 120  # seconds: a box that waits for slower ones may change without us
KEPT = "looks"  # in the cache
CHANGING = ("run_shell_command", "put_file", "rsync")  # of a connector


class UnseenError(PyinfraError):
    """A question that the box did not answer; pyinfra has said why."""


def ask(fact: type[FactBase[T]], **given: Any) -> T:
    """What the box is like, as it was seen last since a command has changed it."""
    once = _of(ctx_host.get(), ctx_state.get())
    return cast(T, once.answer(fact, given))


def ask_now(fact: type[FactBase[T]], **given: Any) -> T:
    """What the box answers at this moment, for what changes without any command of ours."""
    once = _of(ctx_host.get(), ctx_state.get())
    return cast(T, once.put(fact, given))


def changed() -> None:
    """The box may have changed without a command of ours: what was seen is old."""
    _of(ctx_host.get(), ctx_state.get()).forget()


def _of(host: Host, state: State) -> Once:
    if "once" not in host.connector_data:
        data = host.data.dict()
        kept = None
        if settings.read(Settings, data).look_once:
            cache = Path(settings.read(UpstreamSettings, data).upstream_cache).expanduser()
            deploy = Path(state.current_deploy_filename or "").resolve()
            box = [host.name, data.get("ssh_hostname"), data.get("ssh_port")]
            told = hashlib.sha256(json.dumps([str(deploy), *box]).encode()).hexdigest()
            kept = cache / KEPT / f"{told[:16]}.json"
        host.connector_data["once"] = Once(host, state, kept)
    return cast(Once, host.connector_data["once"])


@dataclass
class Once:
    """
    What a box has been asked in this run, and what it has answered since a command changed it.

    + kept: the file with the questions of the last run; None: foresee nothing, keep no answer
    """

    host: Host
    state: State
    kept: Path | None
    asked: dict[str, None] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    told_at: float = -math.inf
    told_to: object = None  # the account that asked, and how it became it
    changed: bool = False  # by a command: what was foreseen is of a run without one
    executing: bool = False
    putting: bool = False

    def __post_init__(self) -> None:
        for name in CHANGING:
            if hasattr(self.host.connector, name):
                self._watch(name)
        if self.kept:
            atexit.register(self.remember)

    def answer(self, fact: type[FactBase[Any]], given: dict[str, Any]) -> Any:
        """What the box is like in this respect."""
        if self.kept is None:
            return self.put(fact, given)
        question = _written(fact, given)
        self.asked[question] = None
        if self._is_old():
            self.told = {} if self.changed else self._look([*_foreseen(self.kept), question])
            self.told_at = time.monotonic()
        if question not in self.told:
            self.told[question] = self.put(fact, given)
        return self.told[question]

    def put(self, fact: type[FactBase[Any]], given: dict[str, Any]) -> Any:
        """Put one question to the box, by itself."""
        self.putting = True
        try:
            answer = self.host.get_fact(fact, **given)
        finally:
            self.putting = False
        if self.host in self.state.failed_hosts:
            raise UnseenError("the box did not answer; see above")
        return answer

    def forget(self) -> None:
        """What was seen is old, and what is foreseen is of a run in which nothing was."""
        self.told, self.changed = {}, True

    def remember(self) -> None:
        """Keep what was asked, for the next run to foresee."""
        if not self.kept or list(self.asked) == _foreseen(self.kept):
            return
        try:
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            half = self.kept.with_name(f".{self.kept.name}.{secrets.token_hex(4)}")
            half.write_text(json.dumps(list(self.asked), indent=0))
            half.replace(self.kept)
        except OSError:
            return  # a full disk is for those to tell who need it: the next run is slower, no more

    def _is_old(self) -> bool:
        asker = _asker(self.state, self.host)
        was, self.told_to = self.told_to, asker
        # between preparing and executing somebody was asked, who may have taken his time
        went_on = self.state.is_executing and not self.executing and self.state.check_for_changes
        self.executing = self.state.is_executing
        return went_on or was != asker or time.monotonic() - self.told_at > GOOD_FOR

    def _look(self, questions: Iterable[str]) -> dict[str, Any]:
        many = Questions(dict.fromkeys(questions))
        return self.put(Everything, {"questions": many}) if len(many) > 1 else {}

    def _watch(self, name: str) -> None:
        """Have what was seen be old when anything but a question goes to the box."""
        sends: Callable[..., Any] = getattr(self.host.connector, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            if not self.putting:
                self.forget()
            return sends(*arguments, **named)

        setattr(self.host.connector, name, watched)


class Questions(list[str]):
    """Many questions, which pyinfra names in its messages."""

    def __repr__(self) -> str:
        return f"{len(self)}"


class Everything(FactBase[dict[str, Any]]):
    """What the box answers to many questions; those that it does not answer well are left out."""

    default = dict

    def command(self, questions: Questions) -> str:
        self._mark = f"@@once {secrets.token_hex(8)}"
        self._facts, parts = {}, []
        for question in questions:
            kind, given = _read(question)
            one = kind()
            self._facts[question] = one
            parts.append(str(one.command(**given)))
        # one filter for all, where all end with the same one
        shared = shell.PRINTABLE if all(one.endswith(shell.PRINTABLE) for one in parts) else ""
        # a shell each, so that none can break another
        asked = (
            f"(eval {shlex.quote(one.removesuffix(shared))}) 2>/dev/null; "
            f"printf '\\n{self._mark} %s\\n' $?"
            for one in parts
        )
        return "{\n" + "\n".join(asked) + "\n}" + shared

    def process(self, output: list[str]) -> dict[str, Any]:
        found, lines = {}, list(output)
        for question, one in self._facts.items():
            end = next((at for at, line in enumerate(lines) if line.startswith(self._mark)), None)
            if end is None:
                break  # the look was cut off
            said, status = lines[:end], lines[end].removeprefix(self._mark).strip()
            lines = lines[end + 1 :]
            if said and not said[-1]:
                said.pop()  # of the line break before the mark
            if status == "0":
                try:
                    found[question] = one.process(said) if said else one.default()
                except FactProcessError:
                    continue  # asked by itself, it says why
        return found


def _asker(state: State, host: Host) -> object:
    """As whom, and how, a question would be put now."""
    arguments, _ = pop_global_arguments(state, host, dict(host.current_op_global_arguments or {}))
    return {key: value for key, value in arguments.items() if key in CONNECTOR_ARGUMENT_KEYS}


def _written(fact: type[FactBase[Any]], given: dict[str, Any]) -> str:
    return json.dumps([fact.__module__, fact.__name__, given], default=list)


def _read(question: str) -> tuple[type[FactBase[Any]], dict[str, Any]]:
    """What `_written` wrote, of facts that this run knows."""
    module, name, given = json.loads(question)
    fact = getattr(sys.modules.get(module), name, None)
    if not (isinstance(fact, type) and issubclass(fact, FactBase)):
        raise ValueError(f"{module}.{name} is no fact")
    return fact, given


def _foreseen(kept: Path) -> list[str]:
    """The questions of the last run that today's facts understand."""
    try:
        questions = json.loads(kept.read_text())
    except (OSError, ValueError):
        return []
    found = []
    for question in questions if isinstance(questions, list) else ():
        try:
            fact, given = _read(question)
            fact().command(**given)
        except Exception:  # an older regraft's, or damaged: then it is not foreseen
            continue
        found.append(question)
    return found
