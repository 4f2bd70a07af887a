"""One look at a box for a whole run: on this machine, through pyinfra itself."""

from __future__ import annotations

import io
import json
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api import Config, FactBase, FactProcessError, Inventory, State
from pyinfra.api.connect import connect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.context import ctx_config, ctx_host, ctx_state
from pyinfra.operations import files, server

from roles.look import once, shell
from roles.look.once import ask, ask_now, changed
from roles.step import Commands, step


class Said(FactBase[list[str]]):
    """What a command says, line by line."""

    default = list

    def command(self, script: str) -> str:
        return script

    def process(self, output: list[str]) -> list[str]:
        if output == ["nonsense"]:
            raise FactProcessError("nonsense")
        return list(output)


class Run:
    """A run of pyinfra on this machine, and the commands that it sends."""

    def __init__(self, cache: Path, **data: Any) -> None:
        told = {"upstream_cache": str(cache), **data}
        self.state = State(Inventory((["@local"], told)), Config(), check_for_changes=False)
        self.state.current_deploy_filename = "deploy/some.py"
        connect_all(self.state)
        (self.host,) = self.state.inventory
        self.sent: list[str] = []
        sends = self.host.connector.run_shell_command

        def counting(command: Any, **more: Any) -> Any:
            self.sent.append(str(command))
            return sends(command, **more)

        vars(self.host.connector)["run_shell_command"] = counting

    @contextmanager
    def __call__(self) -> Iterator[Run]:
        with ctx_state.use(self.state), ctx_host.use(self.host), ctx_config.use(self.state.config):
            yield self
        self.host.connector_data["once"].remember()  # as the end of the process does


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Begins a run; they share what they remember."""

    def begin(**data: Any) -> Any:
        return Run(tmp_path / "cache", **data)()

    return begin


def asked_both(run: Callable[..., Any], one: str, other: str) -> tuple[Any, Any, int]:
    with run() as now:
        return ask(Said, script=one), ask(Said, script=other), len(now.sent)


def test_what_the_last_run_asked_is_asked_in_one_command(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("was\n")
    read = f"cat {file}"
    assert asked_both(run, read, "echo b") == (["was"], ["b"], 2)
    file.write_text("is\n")  # behind its back
    assert asked_both(run, read, "echo b") == (["is"], ["b"], 1)


def test_what_is_asked_no_more_is_not_foreseen(run: Callable[..., Any], tmp_path: Path) -> None:
    asked_both(run, "echo a", f"touch {tmp_path}/asked; echo")
    with run():
        ask(Said, script="echo a")
    (tmp_path / "asked").unlink()
    with run():
        ask(Said, script="echo a")
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    "output", ["", "\n", "a", "a\n", "a\n\n", "\na", "\n\n", "a\n\nb", "  a ", "it's $HOME", "\\n"]
)
def test_an_answer_is_the_same_in_company(run: Callable[..., Any], output: str) -> None:
    script = f"printf %s {shlex.quote(output)}"
    alone, _, _ = asked_both(run, script, "echo b")
    assert asked_both(run, script, "echo b") == (alone, ["b"], 1)


@pytest.mark.parametrize("last", ["true", "false", "exit 0"])
def test_looks_that_share_a_filter_answer_as_each_alone(run: Callable[..., Any], last: str) -> None:
    look = shell.script({"bytes": r"printf 'x\377y\n'", "last": f"echo last; {last}"})
    alone, _, _ = asked_both(run, look, shell.script({"other": "echo b"}))
    assert "x?y" in alone
    together, _, sent = asked_both(run, look, shell.script({"other": "echo b"}))
    assert (together, sent) == (alone, 1)


@pytest.mark.parametrize(
    "broken", ["echo half; false", "exit 3", "(", "echo nonsense", "set -u; $no"]
)
def test_a_question_that_fails_spoils_no_other(run: Callable[..., Any], broken: str) -> None:
    with run():
        ask(Said, script="echo a")
        with pytest.raises(PyinfraError):  # it was the only box
            ask(Said, script=broken)
    with run() as now:
        assert ask(Said, script="echo a") == ["a"]
        assert len(now.sent) == 1
        with pytest.raises(PyinfraError):  # by itself: then pyinfra says why
            ask(Said, script=broken)
        assert len(now.sent) == 2


def test_an_answer_serves_until_a_command_changes_the_box(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    read = f"cat {tmp_path}/file 2>/dev/null || echo none"
    for _ in range(2):  # the second time foreseen
        (tmp_path / "file").unlink(missing_ok=True)
        with run() as now:
            assert ask(Said, script=read) == ["none"]
            now.host.run_shell_command(f"echo there >{tmp_path}/file")
            assert ask(Said, script=read) == ["there"]
            now.host.put_file(io.BytesIO(b"brought\n"), str(tmp_path / "file"))
            assert ask(Said, script=read) == ["brought"]
            (tmp_path / "file").write_text("by itself\n")
            assert ask(Said, script=read) == ["brought"]
            assert ask_now(Said, script=read) == ["by itself"]
            changed()
            assert ask(Said, script=read) == ["by itself"]


def test_an_operation_of_pyinfra_itself_makes_answers_old(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    seen = []
    read = f"cat {tmp_path}/file 2>/dev/null || echo none"

    @step
    def look() -> Commands:
        seen.append(ask(Said, script=read))
        yield from ()

    for _ in range(2):
        (tmp_path / "file").unlink(missing_ok=True)
        with run() as now:
            seen.clear()
            add_op(now.state, look)
            add_op(now.state, files.put, src=io.StringIO("put"), dest=str(tmp_path / "file"))
            add_op(now.state, look)
            add_op(now.state, server.shell, commands=[f"echo more >>{tmp_path}/file"])
            add_op(now.state, look)
            run_ops(now.state)
        assert seen == [["none"], ["put"], ["putmore"]]


def test_answers_grow_old(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("was")
    with run():
        assert ask(Said, script=f"cat {file}") == ["was"]
        file.write_text("is")
        now = time.monotonic() + once.GOOD_FOR + 1
        monkeypatch.setattr(time, "monotonic", lambda: now)
        assert ask(Said, script=f"cat {file}") == ["is"]


def test_whoever_was_asked_to_confirm_may_have_taken_his_time(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    for confirms, seen in ((True, "is"), (False, "was")):
        file.write_text("was")
        with run() as now:
            now.state.check_for_changes = confirms  # pyinfra's word for: without -y
            ask(Said, script=f"cat {file}")
            file.write_text("is")
            now.state.is_executing = True
            assert ask(Said, script=f"cat {file}") == [seen]


def test_another_account_is_not_told_what_the_first_saw(run: Callable[..., Any]) -> None:
    with run() as now:
        assert ask(Said, script="echo $who") == [""]
        now.host.current_op_global_arguments = {"_env": {"who": "other"}}
        assert ask(Said, script="echo $who") == ["other"]


@pytest.mark.parametrize(
    "kept",
    ["", "[", "{}", "[1]", '["[]"]', '["[\\"os\\", \\"system\\", {}]"]', "[null, [[]]]"],
)
def test_a_damaged_memory_costs_a_command_and_no_more(
    run: Callable[..., Any], tmp_path: Path, kept: str
) -> None:
    asked_both(run, "echo a", "echo b")
    (file,) = (tmp_path / "cache" / once.KEPT).iterdir()
    file.write_text(kept)
    assert asked_both(run, "echo a", "echo b") == (["a"], ["b"], 2)
    assert asked_both(run, "echo a", "echo b") == (["a"], ["b"], 1)


def test_a_question_that_a_newer_fact_does_not_understand_is_not_foreseen(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    asked_both(run, "echo a", "echo b")
    (file,) = (tmp_path / "cache" / once.KEPT).iterdir()
    questions = json.loads(file.read_text())
    file.write_text(json.dumps([one.replace("script", "text") for one in questions]))
    assert asked_both(run, "echo a", "echo b") == (["a"], ["b"], 2)


def test_a_cache_that_cannot_be_written_spoils_no_run(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    for _ in range(2):
        assert asked_both(run, "echo a", "echo b") == (["a"], ["b"], 2)


def test_it_can_be_switched_off(run: Callable[..., Any]) -> None:
    asked_both(run, "echo a", "echo b")
    with run(look_once=False) as now:
        for _ in range(2):
            assert ask(Said, script="echo a") == ["a"]
        assert len(now.sent) == 2


def test_a_box_that_does_not_answer_ends_its_own_run_alone(tmp_path: Path) -> None:
    silent = {"fake_responses": {"cat": {"success": False, "stderr": "gone"}}, "fake_delay": 0.0}
    told = {"upstream_cache": str(tmp_path), "fake_delay_jitter": 0.0}
    hosts = Inventory((["@local", ("@fake/dead", silent)], told))
    state = State(hosts, Config(), check_for_changes=False)
    connect_all(state)
    looked = []

    @step
    def look() -> Commands:
        looked.append(ask(Said, script="cat /dev/null; echo well"))
        yield "true"

    add_op(state, look)
    add_op(state, look)
    run_ops(state)
    assert [one.name for one in state.failed_hosts] == ["@fake/dead"]
    assert looked == [["well"], ["well"]]
