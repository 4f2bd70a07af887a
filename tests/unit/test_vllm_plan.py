"""What changes on a box when a setting does, and what does not; and the scripts that do it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roles.vllm import change, gates, plan, probes, unit
from roles.vllm.offer import offer
from roles.vllm.state import Engine, Key, State, Unit
from roles.vllm.unit import Serving
from tests.unit.vllm import CARDS, models, seen

ID = "sha256:" + "ab" * 32


def texts(*rows: dict[str, Any], **others: Any) -> dict[str, str]:
    """The units that these models get on a box with two cards."""
    box, wanted = seen(), models(*rows)
    cards = gates.assigned(wanted, len(CARDS))
    assert box.kfd
    made = {}
    for one in wanted:
        nodes = (box.kfd, *(box.render[CARDS[position]] for position in cards[one.name]))
        told = Serving(
            one, offer("nlzy"), "docker", "/usr/bin/docker", ID, nodes, "127.0.0.1", "/k", "x"
        )
        made[one.unit] = unit.text(replace(told, **others))
    return made


def running(units: dict[str, str]) -> State:
    """A box on which they run."""
    return replace(
        seen(),
        units={
            name: Unit(name, unit.sum_of(text), True, 8000, "active", "success", 0, True, False)
            for name, text in units.items()
        },
    )


def changes(there: State, wanted: dict[str, str]) -> list[str]:
    """The units that a run would start anew."""
    return [
        name
        for name, text in wanted.items()
        if plan.unit_reasons(there.units.get(name), unit.sum_of(text))
    ]


A, B = {"name": "a"}, {"name": "b"}
UNITS = ["regraft-vllm-a.service", "regraft-vllm-b.service"]


def test_nothing_is_started_anew_when_nothing_has_changed() -> None:
    assert changes(running(texts(A, B)), texts(A, B)) == []


def test_a_setting_of_one_model_starts_that_one_anew_and_no_other() -> None:
    there = running(texts(A, B))
    assert changes(there, texts({**A, "context": 4096}, B)) == UNITS[:1]
    assert changes(there, texts(A, {**B, "arguments": ["--enforce-eager"]})) == UNITS[1:]


def test_another_image_starts_all_of_them_anew() -> None:
    assert changes(running(texts(A, B)), texts(A, B, image="sha256:cd")) == UNITS


def test_a_model_that_is_added_at_the_end_leaves_the_others_alone() -> None:
    assert changes(running(texts(A)), texts(A, B)) == UNITS[1:]


def test_a_model_that_is_no_longer_wanted_goes_and_what_others_have_written_stays() -> None:
    there = running(texts(A, B))
    mine = replace(there.units[UNITS[0]], name="regraft-vllm-mine.service", ours=False)
    there = replace(there, units={**there.units, mine.name: mine})
    assert plan.others(there, UNITS[:1]) == UNITS[1:]
    assert plan.others(there, ()) == UNITS


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"active": "failed"}, "it is failed"),
        ({"active": "inactive"}, "it is inactive"),
        ({"stale": True}, "systemd has not read"),
        ({"enabled": False}, "not start with the box"),
        ({"sum": "other"}, "settings have changed"),
    ],
)
def test_a_unit_that_is_not_as_it_should_be_is_started(now: dict[str, Any], why: str) -> None:
    there = running(texts(A)).units[UNITS[0]]
    assert why in "; ".join(plan.unit_reasons(replace(there, **now), there.sum))
    assert plan.unit_reasons(there, there.sum) == []
    assert plan.unit_reasons(replace(there, active="activating"), there.sum) == []


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (None, "no key"),
        (Key("644", "root", 64), "others may read"),
        (Key("640", "root", 64), "others may read"),
        (Key("600", "me", 64), "belongs to me"),
        (Key("600", "root", 64), ""),
        (Key("400", "root", 64), ""),
    ],
)
def test_the_key_is_for_root_alone(key: Key | None, why: str) -> None:
    assert why in "; ".join(plan.key_reasons(key))
    assert bool(plan.key_reasons(key)) == bool(why)


def engine(**changed: Any) -> State:
    docker = Engine("docker", "/usr/bin/docker", "28.2.2", True, frozenset())
    return replace(seen(), engine=replace(docker, **changed))


def test_an_engine_that_is_there_is_taken_or_refused_and_never_touched() -> None:
    assert plan.engine_refusal(engine(), ours=False) == ""
    assert plan.engine_refusal(engine(kind="podman", by_unit=False), ours=False) == ""
    assert plan.engine_refusal(engine(kind="", version="", by_unit=False), ours=False) == ""
    assert "does not answer" in plan.engine_refusal(engine(version=""), ours=False)
    assert plan.engine_refusal(engine(version=""), ours=True) == ""
    assert "snap" in plan.engine_refusal(engine(by_unit=False), ours=False)


def test_files_of_an_image_that_have_come_whole_are_not_sent_again() -> None:
    there = replace(seen(), brought={"a": 5, "b": 3})
    assert plan.lacking(there, {"a": 5, "b": 4, "c": 1}) == ["b", "c"]


def test_too_little_space_names_the_figures() -> None:
    there = replace(seen(), space=(("/", 10**10), ("/", 10**10), ("/tmp", 10**9)))
    files = {"a": 2 * 10**9, "b": 5 * 10**8}
    assert "may need 2.0 GB of /tmp, and 1.0 GB are free" in plan.lacking_space(there, files)
    there = replace(there, brought={"a": 2 * 10**9})
    assert plan.lacking_space(there, files) == ""
    small = replace(there, space=(("/var/lib/docker", 7 * 10**9), *there.space[1:]))
    assert "7.5 GB of /var/lib/docker" in plan.lacking_space(small, files)


Run = Callable[[str], subprocess.CompletedProcess[str]]


def within(folder: Path, text: str) -> str:
    """The same about a box below this folder, and about no file of this machine's own."""
    return re.sub(r"(?<![\w.$}/*-])/(?=(etc|var|opt|proc|run)/)", f"{folder}/", text)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command of change.py: what it uses of a box is put in its place, and written down."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "run/lock").mkdir(parents=True)
    for name in ("systemctl", "docker", "ip", "groupdel", "apt-get", "apt-cache", "dpkg-query"):
        (programs / name).write_text(
            f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/log"\n'
            f'[ ! -e "{tmp_path}/{name}" ] || . "{tmp_path}/{name}"\n'
        )
        (programs / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:/usr/bin:/bin"}

    def done(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["dash", "-c", within(tmp_path, command)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return done


def log(tmp_path: Path) -> list[str]:
    return (tmp_path / "log").read_text().splitlines()


def test_a_key_is_made_for_its_owner_alone_and_one_that_is_there_is_never_overwritten(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "new folder" / "vllm.key"
    assert run(change.make_key(str(path))).returncode == 0
    key = path.read_text()
    assert (len(key), path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (
        64,
        0o600,
        0o700,
    )
    assert [one.name for one in path.parent.iterdir()] == ["vllm.key"]
    assert run(change.make_key(str(path))).returncode == 0
    assert path.read_text() == key
    kept = tmp_path / "var/lib/regraft"
    assert (kept / "vllm-key").read_text() == f"{path}\n"
    assert (kept / "vllm-key-folders").read_text() == f"{path.parent}\n"


def test_a_folder_that_was_there_keeps_its_rights(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert run(change.make_key(str(folder / "k"))).returncode == 0
    assert folder.stat().st_mode & 0o777 == 0o755
    assert not (tmp_path / "var/lib/regraft/vllm-key-folders").exists()


def test_a_unit_is_stopped_before_its_file_changes_and_started_after(
    run: Run, tmp_path: Path
) -> None:
    name, text = next(iter(texts(A).items()))
    assert run(change.start(name, text)).returncode == 0
    there = (tmp_path / "etc/systemd/system" / name).read_text()
    assert there == within(tmp_path, text)
    assert [line.split()[1] for line in log(tmp_path)] == [
        "stop",
        "daemon-reload",
        "reset-failed",
        "-q",
        "restart",
    ]


def test_a_unit_goes_with_its_container_and_what_was_compiled_for_it_and_no_other(
    run: Run, tmp_path: Path
) -> None:
    system, caches = tmp_path / "etc/systemd/system", tmp_path / "var/cache/regraft-vllm"
    for name in ("a", "b"):
        (caches / name).mkdir(parents=True)
        system.mkdir(parents=True, exist_ok=True)
        (system / f"regraft-vllm-{name}.service").write_text("x")
    assert run(change.away("docker", UNITS[:1])).returncode == 0
    assert [one.name for one in system.iterdir()] == UNITS[1:]
    assert [one.name for one in caches.iterdir()] == ["b"]
    assert "docker rm -f regraft-vllm-a" in log(tmp_path)
    assert not any("regraft-vllm-b" in line for line in log(tmp_path))
    assert run(change.away("docker", UNITS[1:])).returncode == 0
    assert not caches.exists()


def test_what_was_brought_of_another_image_makes_room(run: Run, tmp_path: Path) -> None:
    folder = Path(f"{tmp_path}{probes.BROUGHT}")
    folder.mkdir(parents=True)
    for name in ("keep", "keeper", "half one"):
        (folder / name).write_text("x")
    assert run(change.make_room(["keep", "new"])).returncode == 0
    assert [one.name for one in folder.iterdir()] == ["keep"]
    assert folder.stat().st_mode & 0o777 == 0o700


LOADS = """
case $2 in inspect) [ -e "$there" ]; exit ;; esac
case $1 in load) tar -tf - >"$listed"; [ -n "$broken" ] || touch "$there" ;; esac
"""


@pytest.fixture
def loads(tmp_path: Path) -> Path:
    """Files of an image, and a docker that takes them."""
    told = f'there="{tmp_path}/there" listed="{tmp_path}/listed" broken=\n'
    (tmp_path / "docker").write_text(told + LOADS)
    folder = Path(f"{tmp_path}{probes.BROUGHT}")
    folder.mkdir(parents=True)
    (folder / "0123").write_text("a layer")
    return folder


def test_an_image_is_loaded_remembered_as_ours_and_its_files_go(
    run: Run, loads: Path, tmp_path: Path
) -> None:
    done = run(change.load("docker", ID, "[{}]"))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted((tmp_path / "listed").read_text().split()) == ["./", "./0123", "./manifest.json"]
    assert not loads.exists()
    assert (tmp_path / "var/lib/regraft/vllm-images").read_text() == f"{ID}\n"
    assert run(change.load("docker", ID, "[{}]")).returncode == 0
    assert sum(line == "docker load" for line in log(tmp_path)) == 1


def test_files_that_are_no_image_go_and_the_engines_own_words_are_told(
    run: Run, loads: Path, tmp_path: Path
) -> None:
    script = (tmp_path / "docker").read_text().replace("broken=", "broken=yes")
    (tmp_path / "docker").write_text(script + 'echo "invalid diffID for layer 3"\n')
    done = run(change.load("docker", ID, "[{}]"))
    assert done.returncode == 1
    assert "invalid diffID for layer 3" in done.stderr
    assert "Next: " in done.stderr
    assert not loads.exists()


def test_images_of_ours_are_forgotten_one_by_one(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "var/lib/regraft/vllm-images"
    kept.parent.mkdir(parents=True)
    kept.write_text("sha256:a\nsha256:b\n")
    assert run(change.forget("docker", ["sha256:a"])).returncode == 0
    assert kept.read_text() == "sha256:b\n"
    (tmp_path / "docker").write_text("[ $2 = inspect ]")  # somebody else's container has it
    done = run(change.forget("docker", ["sha256:b"]))
    assert (done.returncode, "stays" in done.stderr) == (0, True)
    assert not kept.exists()


def test_what_was_there_before_docker_came_is_remembered_once(run: Run, tmp_path: Path) -> None:
    for path in ("proc/sys/net/ipv4", "etc/docker"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "proc/sys/net/ipv4/ip_forward").write_text("0\n")
    (tmp_path / "bin/getent").write_text("#!/bin/sh\nfalse\n")
    (tmp_path / "bin/iptables").write_text("#!/bin/sh\necho '-P FORWARD DROP'\n")
    for name in ("getent", "iptables"):
        (tmp_path / "bin" / name).chmod(0o755)
    assert run(change.engine()).returncode == 0
    before = tmp_path / "var/lib/regraft/vllm-before"
    told = f"{tmp_path}/etc/docker\ndrop iptables\nforward 0\n"
    assert before.read_text() == told
    (tmp_path / "var/lib/docker").mkdir()  # what has come by it
    assert run(change.engine()).returncode == 0
    assert before.read_text() == told
    asked = next(line for line in log(tmp_path) if line.startswith("apt-get"))
    assert asked.endswith("install --no-install-recommends docker.io apparmor")
    assert "systemctl start docker.service" in log(tmp_path)


RULES = "\\n".join(
    (":FORWARD DROP [0:0]", ":DOCKER - [0:0]", "-A FORWARD -o docker0 -j X", "-A INPUT -j ACCEPT")
)


def removed(run: Run, tmp_path: Path, before: str, docker: str) -> subprocess.CompletedProcess[str]:
    """Undo on a box to which a run of ours has brought Docker. + before: what was there"""
    kept = tmp_path / "var/lib/regraft"
    (kept / "models").mkdir(parents=True)
    (kept / "vllm-packages").write_text("docker.io\n")
    (kept / "vllm-before").write_text(before)
    (tmp_path / "docker").write_text(docker)
    (tmp_path / "bin/dockerd").write_text("#!/bin/sh\n")
    (tmp_path / "bin/dockerd").chmod(0o755)
    (tmp_path / "apt-get").write_text(
        f'case "$*" in *-qs*) ;; *) rm -f "{tmp_path}/bin/dockerd" ;; esac'
    )
    for name in ("iptables", "ip6tables"):
        (tmp_path / f"bin/{name}-save").write_text(f"#!/bin/sh\nprintf '{RULES}\\n'\n")
        (tmp_path / f"bin/{name}-restore").write_text(f'#!/bin/sh\ncat >"{tmp_path}/{name}"\n')
        for which in ("save", "restore"):
            (tmp_path / f"bin/{name}-{which}").chmod(0o755)
    for path in ("var/lib/docker", "var/lib/containerd", "opt/containerd/bin", "etc/docker"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "etc/docker/key.json").write_text("{}")
    (tmp_path / "proc/sys/net/ipv4").mkdir(parents=True)
    return run(change.remove())


def test_docker_goes_with_all_that_it_has_made_if_nobody_else_uses_it(
    run: Run, tmp_path: Path
) -> None:
    done = removed(run, tmp_path, "forward 0\ndrop ip6tables\n", "true")
    assert (done.returncode, done.stderr) == (0, "")
    left = [one for top in ("var", "etc", "opt") for one in (tmp_path / top).glob("**/*")]
    assert not [one for one in left if re.search("docker|containerd|regraft", one.name)]
    assert "groupdel docker" in log(tmp_path)
    assert "ip link delete docker0" in log(tmp_path)
    assert (tmp_path / "iptables").read_text() == ":FORWARD ACCEPT [0:0]\n-A INPUT -j ACCEPT\n"
    assert (tmp_path / "ip6tables").read_text() == ":FORWARD DROP [0:0]\n-A INPUT -j ACCEPT\n"
    assert (tmp_path / "proc/sys/net/ipv4/ip_forward").read_text() == "0\n"


@pytest.mark.parametrize(
    "docker",
    [
        "[ $1 != ps ] || echo 0123",
        "[ $1 != volume ] || echo mine",
        "false",  # what cannot be asked may be in use
    ],
)
def test_docker_that_somebody_uses_stays_with_all_that_is_in_it(
    run: Run, tmp_path: Path, docker: str
) -> None:
    done = removed(run, tmp_path, "forward 0\n", docker)
    assert (done.returncode, "Docker stays" in done.stderr) == (0, True)
    assert (tmp_path / "var/lib/docker").exists()
    assert not any(line.startswith(("apt-get", "groupdel", "systemctl")) for line in log(tmp_path))
    assert not (tmp_path / "var/lib/regraft").exists()


def test_a_folder_of_images_that_was_there_before_is_nobodys_to_purge(
    run: Run, tmp_path: Path
) -> None:
    """The package deletes /var/lib/docker when it is purged, whoever filled it."""
    path = f"{tmp_path}/var/lib/docker"
    done = removed(run, tmp_path, f"forward 0\n{path}\n", "true")
    assert "Docker stays" in done.stderr
    assert Path(path).exists()


def test_what_was_there_before_docker_is_there_after_it(run: Run, tmp_path: Path) -> None:
    done = removed(run, tmp_path, f"forward 1\ngroup\n{tmp_path}/etc/docker\n", "true")
    assert done.returncode == 0
    assert (tmp_path / "etc/docker/key.json").exists()
    assert "groupdel docker" not in log(tmp_path)
    assert not (tmp_path / "proc/sys/net/ipv4/ip_forward").exists()


def test_a_key_of_ours_goes_and_a_key_of_theirs_stays(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "theirs.key"
    mine.write_text("theirs")
    (tmp_path / "var/lib/regraft").mkdir(parents=True)
    assert run(change.remove()).returncode == 0
    assert mine.exists()
    ours = tmp_path / "etc/regraft/vllm.key"
    assert run(change.make_key(str(ours))).returncode == 0
    assert run(change.remove()).returncode == 0
    assert not ours.parent.exists()
