"""Work that takes its time on the controller, in a process of its own: pyinfra runs the boxes of a
run as greenlets of one process, and one that computes or reads would hold up all the others.

Both sides: `work` in the run, `worker` in the program. Told in JSON, answered in JSON; what it says
on the way, and in the end why it failed, comes on stderr.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

Say = Callable[[str], None]


class NotDone(Exception):  # noqa: N818 - reads as what it says
    """It could not be done; says why, and what to do."""


def work(module: str, told: Mapping[str, Any], say: Say) -> Any:
    """Have a module's program do it; what that says on the way is passed on as it comes."""
    with subprocess.Popen(
        (sys.executable, "-m", module),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(json.dumps(told))
        process.stdin.close()
        lines = []
        for line in process.stderr:
            lines.append(line.rstrip())
            if line.startswith("say "):
                say(line[4:].rstrip())
        said = process.stdout.read()
    if process.returncode:
        raise NotDone(lines[-1] if lines else f"{module} ended with {process.returncode}")
    return json.loads(said)


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
