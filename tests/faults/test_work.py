"""Programs of the controller: done once for all that want it, begun early, ended with the run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from roles.work import NotDone, Task, begin, work

# It says that it has begun, waits to be let go on, and answers with what it finds.
PROGRAM = """
import sys, time
from pathlib import Path
from roles.work import worker

def do(told, say):
    folder = Path(told["folder"])
    with (folder / "begun").open("a") as begun:
        begun.write("x")
    say("it has begun")
    while not (folder / "go").exists():
        time.sleep(0.01)
    say("it goes on")
    return (folder / "go").read_text()

sys.exit(worker(do, (FileNotFoundError,)))
"""


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    (tmp_path / "slow_program.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.getcwd()]))
    return Task("slow_program", {"folder": str(tmp_path)})


def begun(task: Task) -> int:
    """How often it has begun."""
    try:
        return len((Path(task.told["folder"]) / "begun").read_text())
    except FileNotFoundError:
        return 0


def go(task: Task, answer: str = "done") -> None:
    half = Path(task.told["folder"]) / "half"
    half.write_text(answer)
    half.rename(half.with_name("go"))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_was_begun_early_is_waited_for_and_not_begun_again(task: Task) -> None:
    said: list[str] = []
    begin(task, said.append)
    until(lambda: begun(task) == 1)
    go(task)
    assert work(task, said.append) == "done"
    assert work(task, said.append) == "done"  # another box, later
    assert begun(task) == 1
    assert said[:2] == ["it has begun", "it goes on"]


def test_boxes_that_want_the_same_at_once_get_it_by_one_program_and_are_told(task: Task) -> None:
    said: list[list[str]] = [[], [], []]
    with ThreadPoolExecutor() as boxes:
        answers = [boxes.submit(work, task, one.append) for one in said]
        until(lambda: sum(map(len, said)) == 3)  # one has begun, and two are told
        go(task)
        assert [one.result() for one in answers] == ["done"] * 3
    assert begun(task) == 1
    assert sum("its end is waited for" in line for one in said for line in one) == 2


def test_what_is_wanted_again_afterwards_is_done_again(task: Task) -> None:
    go(task, "first")
    assert work(task, print) == "first"
    go(task, "second")
    assert work(task, print) == "second"


def test_what_went_wrong_early_is_tried_again_when_it_is_needed(task: Task) -> None:
    folder = Path(task.told["folder"])
    program = folder / "slow_program.py"
    program.write_text("import sys; sys.exit('the network is away')")
    begin(task, print)
    with pytest.raises(NotDone, match="the network is away"):
        work(task, print)
    program.write_text(PROGRAM)
    go(task)
    assert work(task, print) == "done"


def test_a_program_that_ends_before_it_was_told_everything_says_why(task: Task) -> None:
    (Path(task.told["folder"]) / "slow_program.py").write_text("import sys; sys.exit('no disk')")
    with pytest.raises(NotDone, match="no disk"):
        work(Task(task.module, {**task.told, "more": "x" * 1_000_000}), print)


def test_what_nobody_waits_for_ends_with_the_run(task: Task) -> None:
    run = (
        "from roles.work import Task, begin\n"
        "import os, sys, time\n"
        f"begin(Task({task.module!r}, {task.told!r}), print)\n"
        f"while not os.path.exists({task.told['folder']!r} + '/begun'): time.sleep(0.01)\n"
    )
    subprocess.run([sys.executable, "-c", run], check=True, timeout=60)
    until(lambda: not _runs(task.module))


def _runs(module: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"-m\0{module}\0".encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False
