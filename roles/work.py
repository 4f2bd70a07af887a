"""Work that takes its time on the controller, in a process of its own: pyinfra runs the boxes of a
run as greenlets of one process, and one that computes or reads would hold up all the others.

What several boxes want at a time is done once, and what a later step will need can begin early.

Both sides: `begin` and `work` in the run, `worker` in the program. Told in JSON, answered in JSON;
what it says on the way, and in the end why it failed, comes on stderr.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Say = Callable[[str], None]


class NotDone(Exception):  # noqa: N818 - reads as what it says
    """It could not be done; says why, and what to do."""


@dataclass(frozen=True)
class Task:
    """+ module: whose program does it + told: what it is told"""

    module: str
    told: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The same for boxes that want the same."""
        return json.dumps([self.module, self.told], sort_keys=True)


def begin(task: Task, say: Say) -> None:
    """Have it begun, for a later `work` to get what comes of it."""
    with _one_at_a_time:
        if task.key not in _ahead:
            _ahead[task.key] = _Work(task, say)


def work(task: Task, say: Say) -> Any:
    """Have it done, and be told how it comes along; what is begun already is waited for."""
    with _one_at_a_time:
        doing = _going_on.get(task.key) or _ahead.get(task.key)
        if doing is None or doing.failed:  # which was a while ago: it may go well now
            doing = _going_on[task.key] = _Work(task, say)
    if doing.say != say and not doing.ended.is_set():
        say("another box of this run has begun what is needed here, too: its end is waited for")
    doing.ended.wait()
    if _going_on.get(task.key) is doing:
        del _going_on[task.key]
    return doing.answer()


class _Work(threading.Thread):
    """A program at work, for all that want what it does."""

    def __init__(self, task: Task, say: Say) -> None:
        super().__init__(daemon=True)
        self.task, self.say = task, say
        self._process: subprocess.Popen[str] | None = None
        self._status, self._said, self._last = 1, "", ""
        self.ended = threading.Event()
        self.start()

    def run(self) -> None:
        try:
            self._do()
        except OSError as problem:
            self._last = f"{sys.executable} cannot be run: {problem.strerror}"
        finally:
            self.ended.set()

    def _do(self) -> None:
        with subprocess.Popen(
            (sys.executable, "-m", self.task.module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            self._process = process
            assert process.stdin
            assert process.stdout
            assert process.stderr
            with suppress(BrokenPipeError):  # it has ended, and says why
                process.stdin.write(json.dumps(self.task.told))
                process.stdin.close()
            for line in process.stderr:
                self._last = line.rstrip()
                if line.startswith("say "):
                    self.say(line[4:].rstrip())
            self._said = process.stdout.read()
        self._status = process.returncode

    @property
    def failed(self) -> bool:
        """Whether it has ended without an answer."""
        return self.ended.is_set() and bool(self._status)

    def answer(self) -> Any:
        """What has come of it; NotDone with what it said last."""
        if self._status:
            raise NotDone(self._last or f"{self.task.module} ended with {self._status}")
        return json.loads(self._said)

    def end(self) -> None:
        """Nobody waits for it any more; what it has fetched is there for the next run."""
        if self._process and self._process.poll() is None:
            self._process.terminate()


_ahead: dict[str, _Work] = {}  # begun before anybody waits for it; what came of it stays
_going_on: dict[str, _Work] = {}
_one_at_a_time = threading.Lock()


@atexit.register
def _end() -> None:
    for one in (*_ahead.values(), *_going_on.values()):
        one.end()


def worker(do: Callable[[dict[str, Any], Say], Any], problems: tuple[type[Exception], ...]) -> int:
    """
    The program's side: do what standard input asks for, and give the answer.

    + problems: what a person is told of in a line, beside a disk that is full
    """

    def say(text: str) -> None:
        sys.stderr.write(f"say {text}\n")
        sys.stderr.flush()

    try:
        answer = do(json.load(sys.stdin), say)
    except problems as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except OSError as problem:
        where = problem.filename or "the cache"
        sys.stderr.write(f"{where} cannot be written: {problem.strerror}. Next: df -h {where}\n")
        return 1
    sys.stdout.write(json.dumps(answer))
    return 0
