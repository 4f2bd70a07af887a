"""Models served on a real box, by Docker and systemd, from a real registry: a stand-in of vLLM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .box import Box
from .budget import BUDGET, MI50_WITH_MODELS
from .grafts import TREE
from .installed import undone
from .lab import Lab
from .mirror import Mirror, Refused
from .runs import Outcome, run

pytestmark = pytest.mark.xdist_group("vllm")  # they share a box, which takes minutes to make

MI50, VLLM = "deploy/mi50.py", "deploy/vllm.py"
SERVED = "served"
KEY = "/etc/regraft/vllm.key"
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 256,
    "num_attention_heads": 8,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "torch_dtype": "bfloat16",
    "vocab_size": 1000,
}
CHAT = {"name": "chat", "model": "/srv/models/chat", "cards": [0], "memory": 0.4}
OTHER = {"name": "other", "model": "/srv/models/other", "cards": [0], "memory": 0.4, "port": 8001}


def serve(
    box: Box,
    reports: Path,
    *models: dict[str, Any],
    deploy: str = VLLM,
    words: tuple[str, ...] = (),
    **settings: object,
) -> Outcome:
    """A run with these models, and settings on top of the lab's."""
    told = {"vllm_models": list(models), **settings}
    data = [word for name, value in told.items() for word in ("--data", _said(name, value))]
    return run(deploy, box, reports=reports, arguments=(*data, *words))


def _said(name: str, value: object) -> str:
    return f"{name}={value if isinstance(value, str) else json.dumps(value)}"


def put(box: Box, name: str, **lab: object) -> None:
    """A model in its folder. + lab: what the stand-in is told to do"""
    at = f"/srv/models/{name}"
    box.ssh(f"mkdir -p {at} && head -c 1000000 /dev/zero >{at}/model.safetensors")
    box.ssh(f"cat >{at}/config.json", stdin=json.dumps(CONFIG).encode())
    box.ssh(
        f"cat >{at}/lab.json" if lab else f"rm -f {at}/lab.json", stdin=json.dumps(lab).encode()
    )


def asked(box: Box, path: str, port: int = 8000, key: bool = True) -> str:
    """The status and the answer of a request on the box itself."""
    header = f"sed 's/^/Authorization: Bearer /' {KEY} | " if key else ""
    take = "-H @-" if key else ""
    return box.ssh(
        f"{header}curl -s {take} -w '\\n%{{http_code}}' http://127.0.0.1:{port}{path}", check=False
    ).stdout


def since(box: Box, name: str) -> str:
    """When a model's unit was started last."""
    return box.ssh(f"systemctl show -p ActiveEnterTimestamp regraft-vllm-{name}").stdout


@dataclass(frozen=True)
class Served:
    """
    How a fresh box came to serve two models.

    + empty: the run for a model that is not there + untouched: whether it left the box as it was
    + first: the run that brought it all + again: the next one + apart: one more, look by look
    + away: a run that knows of no image, without a registry + other: with another digest wanted
    """

    box: Box
    empty: Outcome
    untouched: bool
    first: Outcome
    again: Outcome
    apart: Outcome
    away: Outcome
    other: Outcome


@pytest.fixture(scope="module")
def served(lab: Lab, mirror: Mirror, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Two models, on a box that had nothing before; it is kept as it was then."""
    mirror.behave()
    box, reports = lab.box(SERVED), tmp_path_factory.mktemp("vllm")
    before = box.ssh(TREE).stdout
    empty = serve(box, reports, CHAT)
    untouched = box.ssh(TREE).stdout == before
    for name in ("chat", "other"):
        put(box, name)
    registries = [f"http://127.0.0.1:{mirror.port}/nobody", f"http://127.0.0.1:{mirror.port}"]
    own = str(reports / "cache")  # which has no image yet, and what was asked of the box
    told: dict[str, Any] = {"vllm_registries": registries, "upstream_cache": own}
    first = serve(box, reports, CHAT, OTHER, deploy=MI50, **told)
    told = {"upstream_cache": own}
    again, apart = (
        serve(box, reports, CHAT, OTHER, deploy=MI50, words=("-vv",), look_once=once, **told)
        for once in ("true", "false")
    )
    box.ssh("sync")
    box.snapshot(SERVED)
    mirror.misbehave("v2/*", Refused())
    told = {"upstream_cache": str(reports / "another"), "upstream_lock": str(reports / "new.toml")}
    away = serve(box, reports, CHAT, OTHER, **told)
    mirror.behave()
    other = serve(box, reports, CHAT, OTHER, vllm_image_digest=f"sha256:{'0' * 64}")
    return Served(box, empty, untouched, first, again, apart, away, other)


@pytest.fixture
def box(served: Served, lab: Lab, mirror: Mirror) -> Iterator[Box]:
    """A box that serves, as it was after one run."""
    assert served.first.status == 0, served.first.said
    yield lab.back(served.box, SERVED)
    mirror.behave()


def test_a_model_that_is_not_there_is_refused_before_anything_is_done(served: Served) -> None:
    assert served.empty.status == 1
    assert "there is no model" in served.empty.said
    assert served.untouched


def test_a_registry_that_is_away_and_a_digest_that_is_not_wanted_are_said(served: Served) -> None:
    assert served.away.status == 1
    assert "cannot be had" in served.away.said
    assert served.other.status == 1
    assert f"sha256:{'0' * 64}" in served.other.said


def test_one_run_over_a_fresh_box_serves_from_the_registry_that_has_it_and_another_changes_nothing(
    served: Served, box: Box
) -> None:
    assert "/nobody" in served.first.said  # which one was given up
    assert "2 layers" in served.first.said
    assert served.again.unchanged, served.again.said
    assert served.again.commands == BUDGET[MI50_WITH_MODELS]
    assert served.apart.steps == served.again.steps
    assert '"chat"' in asked(box, "/v1/models")
    assert '"other"' in asked(box, "/v1/models", 8001)


def test_the_key_is_nowhere_to_be_seen_and_without_it_nobody_is_served(
    served: Served, box: Box
) -> None:
    key = box.ssh(f"cat {KEY}").stdout.strip()
    assert len(key) == 64
    assert key not in served.first.said + served.again.said  # with every command in it
    assert box.ssh(f"stat -c '%a %U' {KEY}").stdout == "600 root\n"
    logs = (
        f"grep -rlaF -f {KEY} /proc/[0-9]*/cmdline /etc/systemd /var/log /run/systemd 2>/dev/null"
    )
    assert box.ssh(f"{logs} | grep -v ^/proc/self", check=False).stdout == ""
    assert box.ssh(f"journalctl --no-pager | grep -cF -f {KEY}", check=False).stdout == "0\n"
    assert asked(box, "/v1/models", key=False).endswith("401")
    assert asked(box, "/health", key=False).endswith("200")


def test_they_are_reached_on_the_box_alone_with_no_more_rights_than_that_takes(box: Box) -> None:
    listens = box.ssh("ss -Hltn 'sport = 8000 or sport = 8001' | awk '{print $4}'").stdout.split()
    assert sorted(listens) == ["127.0.0.1:8000", "127.0.0.1:8001"]
    (told,) = json.loads(box.ssh("docker inspect regraft-vllm-chat").stdout)
    given = told["HostConfig"]
    assert given["Privileged"] is False
    assert given["CapDrop"] == ["ALL"]
    assert [one["PathOnHost"] for one in given["Devices"]] == ["/dev/kfd", "/dev/dri/renderD128"]
    assert all(group.isdigit() for group in given["GroupAdd"])


def test_after_a_reboot_they_answer_again_and_a_run_changes_nothing(
    box: Box, tmp_path: Path
) -> None:
    box.reboot()
    ready = "until curl -sf http://127.0.0.1:8000/health; do sleep 0.5; done"
    box.ssh(f"timeout 300 sh -c '{ready}' && timeout 300 sh -c '{ready.replace('8000', '8001')}'")
    assert asked(box, "/v1/models").endswith("200")
    assert serve(box, tmp_path, CHAT, OTHER).unchanged


def test_another_setting_starts_that_model_anew_and_no_other_and_none_takes_it_away(
    box: Box, tmp_path: Path
) -> None:
    was = since(box, "other")
    changed = serve(box, tmp_path, {**CHAT, "context": 2048}, OTHER)
    assert changed.status == 0, changed.said
    assert "its settings have changed" in changed.said
    assert since(box, "other") == was
    (told,) = json.loads(asked(box, "/v1/models").rpartition("\n")[0])["data"]
    assert told["max_model_len"] == 2048
    gone = serve(box, tmp_path, OTHER)
    assert gone.status == 0, gone.said
    assert box.ssh("ls /etc/systemd/system/regraft-vllm-chat.service", check=False).returncode
    assert since(box, "other") == was


def test_models_that_die_or_answer_garbage_fail_the_run_and_the_next_serves_them(
    box: Box, tmp_path: Path
) -> None:
    put(box, "chat", dies="RuntimeError: HIP error: hipErrorNoBinaryForGpu")
    put(box, "other", garbage=True)
    box.ssh("systemctl restart regraft-vllm-chat regraft-vllm-other", check=False)
    failed = serve(box, tmp_path, CHAT, OTHER, vllm_start_minutes=3)
    assert failed.status == 1
    assert "not served: chat" in failed.said
    assert "a library in this image has no code for the card" in failed.said
    assert "other: " in failed.said.partition("not served: ")[2]
    assert "!!!!" in failed.said
    for name in ("chat", "other"):
        put(box, name)
    healed = serve(box, tmp_path, CHAT, OTHER)
    assert healed.status == 0, healed.said


def test_undo_leaves_no_trace_of_it(box: Box, lab: Lab, installed_box: Box, tmp_path: Path) -> None:
    box.ssh("rm -r /srv/models")
    done = run("deploy/undo.py", box, reports=tmp_path)
    assert done.status == 0, done.said
    left = box.ssh(TREE).stdout
    kept = box.ssh("ls -d /var/cache/regraft* /var/lib/docker /etc/docker", check=False).stdout
    assert _common(left) == _common(undone(lab, installed_box))
    assert kept == ""


def _common(tree: str) -> list[str]:
    """What two boxes have in common: not the name, nor the time at which AMD's alternative came."""
    own = r"(/etc/host(s|name) .*|\d+ \d+ (/etc/host(s|name)|/var/lib/dpkg/alternatives/rocm))"
    return [line for line in tree.splitlines() if not re.fullmatch(own, line)]
