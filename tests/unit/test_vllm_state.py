"""What a box says of itself, read; and the scripts that ask, run here over made-up folders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from roles.look import shell
from roles.vllm import probes
from roles.vllm.state import Found, Key, Node, state, units
from tests.unit.vllm import seen

ROLE = Path(probes.__file__).parent
SHELL = sorted(ROLE.glob("*/*.sh"))


def asked(script: str, /, **given: str) -> list[str]:
    """What a script of ask/ says, in the shell that boxes have."""
    asks = shell.script({"it": f"({shell.snippet(ROLE / 'ask' / script, **given)})"})
    told = subprocess.run(["dash", "-c", asks], capture_output=True, text=True, check=True)
    return shell.sections(told.stdout.split("\n"))["it"]


@pytest.mark.parametrize("path", SHELL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_shell_that_boxes_run_is_shell(path: Path) -> None:
    subprocess.run(["dash", "-n", str(path)], check=True)


def test_a_box_is_read() -> None:
    box = seen(
        units="unit regraft-vllm-chat.service\nsum f00\nours yes\nport 8000\n"
        "unit regraft-vllm-mine.service\nsum ba4\n"
        "Result=success\nNRestarts=1\nId=regraft-vllm-chat.service\nActiveState=active\n"
        "UnitFileState=enabled\nNeedDaemonReload=no\n\n"
        "Id=regraft-vllm-mine.service\nActiveState=failed\nResult=exit-code",
        models="model chat\nthere folder\nconfig {}\nweights 12 a b.safetensors\nmodel gone",
        brought="12 abc\n7 d/e",
        kept="sha256:abc\nsha256:def",
        traces="/var/lib/regraft/vllm-images",
    )
    assert box.engine.images == {"abc"}
    assert (box.engine.kind, box.engine.version, box.engine.by_unit) == ("docker", "28.2.2", True)
    chat, mine = box.units["regraft-vllm-chat.service"], box.units["regraft-vllm-mine.service"]
    assert (chat.ours, chat.runs, chat.port, chat.restarts, chat.enabled) == (
        True,
        True,
        8000,
        1,
        True,
    )
    assert (mine.ours, mine.runs, mine.result, mine.port) == (False, False, "exit-code", 0)
    assert box.found["chat"].weights == {"a b.safetensors": 12}
    assert box.found["gone"] == Found("", "", {}, False, (), ())
    assert box.render["0000:44:00.0"] == Node("/dev/dri/renderD129", 44)
    assert box.key == Key("600", "root", 64)
    assert box.kept == ("abc", "def")
    assert box.brought == {"abc": 12, "d/e": 7}
    assert "iommu=pt" in box.kernel_line
    assert box.listening == (("0.0.0.0", 22, "sshd"),)


def test_a_box_with_nothing_on_it_is_read() -> None:
    bare = dict.fromkeys(("engine", "units", "key", "listening", "brought", "kept"), "")
    box = seen(**bare, host="line quiet")
    assert (box.engine.kind, box.key, box.kfd, box.driver) == ("", None, None, "")


def test_every_way_of_writing_an_address_is_read() -> None:
    lines = (
        "LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:*\n"
        'LISTEN 0 4096 [::]:8000 [::]:* users:(("docker-proxy",pid=9,fd=4))\n'
        "LISTEN 0 4096 *:8080 *:*"
    )
    assert seen(listening=lines).listening == (
        ("127.0.0.53", 53, ""),
        ("::", 8000, "docker-proxy"),
        ("*", 8080, ""),
    )


def test_the_whole_look_runs_where_nothing_is_there_and_can_be_read(tmp_path: Path) -> None:
    """On the machine that runs this test, whatever it has."""
    script = shell.script(
        probes.probes(str(tmp_path / "key"), ["0000:ff:1f.7"], {"chat": [str(tmp_path), ""]})
    )
    told = subprocess.run(["dash", "-c", script], capture_output=True, text=True, check=True)
    box = state(told.stdout.split("\n"))
    assert box.key is None
    assert box.found["chat"].there == "folder"
    assert len(box.space) == 3


def test_a_folder_with_a_model_is_told_with_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    model, elsewhere = tmp_path / "a model", tmp_path / "elsewhere"
    model.mkdir()
    elsewhere.write_text("12345")
    (model / "config.json").write_text('{\n "a": "line\\nbreak"\n}')
    (model / "model.safetensors").write_text("123")
    (model / "tokenizer.json").write_text("{}")
    (model / "own.safetensors").symlink_to("model.safetensors")
    (model / "far.safetensors").symlink_to(elsewhere)
    said = asked("model.sh", name="chat", at=str(model), hub="")
    (found,) = units_of(said)
    assert found.there == "folder"
    assert found.told == {"a": "line\nbreak"}
    assert found.weights == {
        "model.safetensors": 3,
        "own.safetensors": 3,
        "far.safetensors": 5,
    }
    assert found.outside == ("far.safetensors",)


@pytest.mark.skipif(os.geteuid() != 0, reason="giving files to somebody else takes root")
def test_what_its_owner_alone_may_read_is_told(tmp_path: Path) -> None:
    for name, mode in (("open.safetensors", 0o644), ("shut.safetensors", 0o600)):
        (tmp_path / name).write_text("1")
        (tmp_path / name).chmod(mode)
        os.chown(tmp_path / name, 12345, 12345)
    (found,) = units_of(asked("model.sh", name="chat", at=str(tmp_path), hub=""))
    assert found.closed == ("shut.safetensors",)
    os.chown(tmp_path / "shut.safetensors", 0, 0)
    (found,) = units_of(asked("model.sh", name="chat", at=str(tmp_path), hub=""))
    assert found.closed == ()


def test_what_the_hubs_tools_keep_is_found_with_its_links(tmp_path: Path) -> None:
    hub = tmp_path / "models--owner--name"
    (hub / "blobs").mkdir(parents=True)
    (hub / "blobs/b1").write_text("12345")
    snapshot = hub / "snapshots/0123"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").symlink_to("../../blobs/b1")
    (found,) = units_of(asked("model.sh", name="chat", at="", hub=str(hub)))
    assert (found.weights, found.outside) == ({"model.safetensors": 5}, ())
    (found,) = units_of(asked("model.sh", name="chat", at="", hub=str(tmp_path / "none")))
    assert found.there == ""


def test_a_file_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "q4.gguf").write_text("12")
    (found,) = units_of(asked("model.sh", name="chat", at=str(tmp_path / "q4.gguf"), hub=""))
    assert (found.there, list(found.weights.values())) == ("file", [2])


def units_of(said: list[str]) -> list[Found]:
    return list(seen(models="\n".join(said)).found.values())


FAKE_ENGINE = """#!/bin/sh
case "$*" in
--version) echo "{version}" ;;
info*) {info} ;;
"image ls"*) printf 'sha256:aa\\nsha256:bb\\nsha256:aa\\n' ;;
*) exit 1 ;;
esac
"""


def engine_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **programs: tuple[str, str]) -> str:
    for name, (version, info) in programs.items():
        path = tmp_path / name
        path.write_text(FAKE_ENGINE.format(version=version, info=info))
        path.chmod(0o755)
    (tmp_path / "systemctl").write_text("#!/bin/sh\necho loaded\n")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return "\n".join(asked("engine.sh"))


def test_docker_is_told_with_its_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = engine_of(tmp_path, monkeypatch, docker=("Docker version 28", "echo 28.2.2 /mnt/docker"))
    box = seen(engine=said).engine
    assert (box.kind, box.version, sorted(box.images)) == ("docker", "28.2.2", ["aa", "bb"])
    assert box.path == str(tmp_path / "docker")


def test_docker_that_does_not_answer_has_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for info in ("echo ' '; exit 1", "echo 'Cannot connect' >&2; exit 1"):
        said = engine_of(tmp_path, monkeypatch, docker=("Docker version 28", info))
        assert (seen(engine=said).engine.kind, seen(engine=said).engine.version) == ("docker", "")


def test_what_calls_itself_docker_and_is_podman_is_podman(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = engine_of(
        tmp_path,
        monkeypatch,
        docker=("podman version 4.9", "echo 4.9 /x"),
        podman=("podman version 4.9", "echo 4.9.3 /var/lib/containers/storage"),
    )
    box = seen(engine=said).engine
    assert (box.kind, box.version, box.path) == ("podman", "4.9.3", str(tmp_path / "podman"))


def test_units_without_a_word_of_systemd_do_not_run() -> None:
    (one,) = units(["unit regraft-vllm-a.service", "sum x", "ours yes"]).values()
    assert (one.runs, one.enabled, one.restarts) == (False, False, 0)
