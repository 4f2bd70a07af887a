"""What must be true of a box's vLLM: each model answers, with no more rights than that takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roles import settings
from roles.look import shell
from roles.vllm import health, probes
from roles.vllm.model import PREFIX, Model
from roles.vllm.settings import Settings


@pytest.fixture
def own(host: Any) -> Settings:
    """What the inventory says of serving."""
    found = settings.read(Settings, host.settings)
    if not found.models:
        pytest.skip("the inventory has no models to serve")
    return found


@pytest.fixture
def models(own: Settings) -> tuple[Model, ...]:
    return own.models


@pytest.fixture
def engine(host: Any, models: tuple[Model, ...]) -> str:
    """Docker or podman, as the role chooses it."""
    script = shell.script({"engine": shell.snippet(probes.ASK / "engine.sh")})
    said = shell.sections(host.check_output(script).split("\n"))["engine"]
    return next(line.removeprefix("path ") for line in said if line.startswith("path "))


def inspected(host: Any, engine: str, model: Model) -> dict[str, Any]:
    """What the engine says of a model's container."""
    told = json.loads(host.check_output(f"{engine} inspect {PREFIX}{model.name}"))
    return dict(told[0])


def test_every_model_answers_with_text(host: Any, own: Settings, models: tuple[Model, ...]) -> None:
    at = probes.reached(own.vllm_listen)
    addresses = {one.name: f"http://{at}:{one.port}" for one in models}
    script = shell.script(probes.answers(own.vllm_key_file, addresses, seconds=120, patience=0))
    said = shell.sections(host.check_output(script).split("\n"))
    found = health.read(addresses, said)
    assert [f"{one.name}: {one.why}" for one in found if one.condition != "served"] == []


def test_without_the_key_nobody_is_served(
    host: Any, own: Settings, models: tuple[Model, ...]
) -> None:
    addresses = {one.name: f"http://{probes.reached(own.vllm_listen)}:{one.port}" for one in models}
    script = shell.script(probes.answers("/dev/null", addresses, seconds=120, patience=0))
    said = shell.sections(host.check_output(script).split("\n"))
    for line in said["answers"]:
        assert json.loads(line)["models"][0] == 401


def test_each_model_has_a_unit_that_starts_with_the_box_and_there_is_no_other(
    host: Any, models: tuple[Model, ...]
) -> None:
    there = host.check_output(f"cd {probes.UNITS} && ls {PREFIX}*.service").split()
    assert sorted(there) == sorted(one.unit for one in models)
    for one in models:
        service = host.service(one.unit)
        assert (service.is_running, service.is_enabled) == (True, True)


def test_they_listen_where_they_are_meant_to_and_nowhere_else(
    host: Any, own: Settings, models: tuple[Model, ...]
) -> None:
    for one in models:
        lines = host.check_output(f"ss -Hltn 'sport = {one.port}'").splitlines()
        at = {line.split()[3].rpartition(":")[0].strip("[]") for line in lines}
        assert at == {own.vllm_listen}


def test_root_alone_can_read_the_key(host: Any, own: Settings) -> None:
    key = host.file(own.vllm_key_file)
    assert (key.user, key.mode & 0o077) == ("root", 0)
    assert key.size


def test_no_process_list_and_no_log_shows_the_key(
    host: Any, own: Settings, models: tuple[Model, ...]
) -> None:
    """grep reads it from its file, or it would be in a process list by that."""
    grep = f"grep -aF -f {own.vllm_key_file}"
    assert host.run(f"{grep} -l /proc/[0-9]*/cmdline 2>/dev/null").stdout == ""
    for one in models:
        said = host.run(f"journalctl -u {one.unit} -o cat --no-pager | {grep} -c").stdout
        assert said.strip() == "0"
        assert host.run(f"{grep} -c {probes.UNITS}/{one.unit}").stdout.strip() == "0"


def test_a_container_has_no_more_rights_than_it_takes(
    host: Any, engine: str, models: tuple[Model, ...]
) -> None:
    for one in models:
        told = inspected(host, engine, one)["HostConfig"]
        assert told["Privileged"] is False
        assert "ALL" in [name.upper() for name in told["CapDrop"]] or len(told["CapDrop"]) > 9
        assert not told["CapAdd"]
        assert told["NetworkMode"] != "host"
        assert told["PidMode"] != "host"
        assert told["IpcMode"] not in ("host", "shareable")
        nodes = [device["PathOnHost"] for device in told["Devices"]]
        assert nodes.count("/dev/kfd") == 1
        assert len([node for node in nodes if node.startswith("/dev/dri/renderD")]) == one.parallel
        assert len(nodes) == 1 + one.parallel


def test_a_model_in_a_folder_cannot_be_written_from_its_container(
    host: Any, engine: str, models: tuple[Model, ...]
) -> None:
    for one in models:
        mounts = {m["Source"]: m["RW"] for m in inspected(host, engine, one)["Mounts"]}
        if not one.of_hub:
            assert mounts[one.model] is False
