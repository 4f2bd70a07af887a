"""The unit that serves a model: no more rights than it takes, and no key in it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roles.vllm import probes, unit
from roles.vllm.offer import offer
from roles.vllm.state import Node
from roles.vllm.unit import Serving
from tests.unit.vllm import models

ID = "sha256:" + "ab" * 32


def serving(**row: Any) -> Serving:
    (one,) = models(row)
    return Serving(
        model=one,
        offer=offer("nlzy"),
        engine="docker",
        program="/usr/bin/docker",
        image=ID,
        nodes=(Node("/dev/kfd", 109), Node("/dev/dri/renderD128", 44)),
        listen="127.0.0.1",
        key="/etc/regraft/vllm.key",
        hub="https://hub.example/",
    )


def words(text: str) -> list[str]:
    """The words of ExecStart=, as systemd takes them."""
    line = next(
        one for one in text.replace("\\\n", " ").split("\n") if one.startswith("ExecStart=")
    )
    found, word, quoted, escaped = [], "", False, False
    for sign in f"{line.removeprefix('ExecStart=')} ":
        if escaped:
            word, escaped = word + sign, False
        elif sign == "\\":
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif sign == " " and not quoted:
            found += [word] if word else []
            word = ""
        else:
            word += sign
    return [one.replace("%%", "%").replace("$$", "$") for one in found]


def test_the_container_has_no_more_rights_than_it_takes() -> None:
    text = unit.text(serving())
    told = words(text)
    for needed in (
        *("--cap-drop=ALL", "--security-opt=no-new-privileges", "--pull=never"),
        *("--device=/dev/kfd", "--device=/dev/dri/renderD128", "--group-add=44"),
        *("--group-add=109", "--ipc=private", "--publish=127.0.0.1:8000:8000"),
        "--mount=type=bind,src=/srv/models/chat,dst=/models/chat,readonly",
    ):
        assert needed in told
    for never in (
        "--privileged",
        "--cap-add",
        "host",
        "--device=/dev/dri ",
        "seccomp",
        "docker.sock",
    ):
        assert never not in text
    assert told.index(ID) < told.index("vllm")


def test_the_key_is_in_no_file_and_on_no_command_line_and_none_means_no_start(
    tmp_path: Path,
) -> None:
    """`/bin/sh -c … sh docker …`: run here with a program that shows what it was given."""
    told = words(unit.text(serving()))
    assert told[:2] == ["/bin/sh", "-c"]
    assert "--env=VLLM_API_KEY" in told
    assert not any(word.startswith(("--env=VLLM_API_KEY=", "--api-key")) for word in told)
    shows = ["/bin/sh", "-c", 'echo "$VLLM_API_KEY" "$@"', "shows", "argument"]

    def run() -> subprocess.CompletedProcess[str]:
        environment = {"CREDENTIALS_DIRECTORY": str(tmp_path), "PATH": "/usr/bin:/bin"}
        return subprocess.run(
            [*told[:4], *shows], env=environment, capture_output=True, text=True, check=False
        )

    assert run().returncode != 0
    (tmp_path / "key").write_text("\n")
    assert run().returncode != 0
    (tmp_path / "key").write_text("s3cret\n")
    assert run().stdout == "s3cret argument\n"


def test_what_is_mounted_as_the_model_is_never_writable_for_it() -> None:
    mounts = [word for word in words(unit.text(serving())) if word.startswith("--mount")]
    assert [word for word in mounts if not word.endswith(",readonly")] == [
        "--mount=type=bind,src=/var/cache/regraft-vllm/chat,dst=/cache"
    ]


def test_a_gguf_is_mounted_as_the_file_that_it_is() -> None:
    told = words(unit.text(serving(model="/srv/models/q4.gguf")))
    assert "--mount=type=bind,src=/srv/models/q4.gguf,dst=/models/chat/q4.gguf,readonly" in told
    assert told[told.index("serve") + 1] == "/models/chat/q4.gguf"


def test_a_model_of_the_hub_comes_from_where_the_inventory_says_and_a_folder_from_nowhere() -> None:
    told = words(unit.text(serving(model="owner/name")))
    assert told[told.index("serve") + 1] == "owner/name"
    assert {"--env=HF_ENDPOINT=https://hub.example", "--env=HF_HOME=/hub"} <= set(told)
    assert "--env=HF_HUB_OFFLINE=1" in words(unit.text(serving()))


def test_shared_memory_grows_with_the_cards() -> None:
    assert "--shm-size=2g" in words(unit.text(serving()))
    four = words(unit.text(serving(parallel=4)))
    assert {"--shm-size=8g", "--tensor-parallel-size=4"} <= set(four)
    assert "--env=HSA_FORCE_FINE_GRAIN_PCIE=1" in four


def test_it_is_float16_unless_the_model_says_otherwise() -> None:
    assert "--dtype=float16" in words(unit.text(serving()))
    assert "--dtype=float32" in words(unit.text(serving(dtype="float32")))


def test_what_is_not_said_is_left_to_vllm() -> None:
    told = " ".join(words(unit.text(serving())))
    assert "--max-model-len" not in told
    assert "--quantization" not in told
    said = words(unit.text(serving(context=4096, quantization="awq")))
    assert {"--max-model-len=4096", "--quantization=awq"} <= set(said)


def test_words_arrive_as_they_are_written() -> None:
    wild = ["--chat-template", "a \"b\" \\ $HOME %n ${x} ; `id` 'c'", "--x={1,2}", "é"]
    told = words(unit.text(serving(arguments=wild, environment={"A": "50% of $x"})))
    assert told[-len(wild) :] == wild
    assert "--env=A=50% of $x" in told


def test_a_persons_environment_counts_before_the_images_and_ours() -> None:
    told = serving(
        environment={"HF_HUB_OFFLINE": "0", "FLASH_ATTENTION_TRITON_AMD_ENABLE": "FALSE"}
    )
    found = words(unit.text(replace(told, offer=offer("ai-infos"))))
    assert "--env=HF_HUB_OFFLINE=0" in found
    assert [one for one in found if "FLASH" in one] == [
        "--env=FLASH_ATTENTION_TRITON_AMD_ENABLE=FALSE"
    ]


def test_an_address_of_ipv6_is_published_as_one() -> None:
    told = words(unit.text(replace(serving(), listen="::1")))
    assert "--publish=[::1]:8000:8000" in told


def test_with_podman_it_waits_for_no_docker() -> None:
    assert "docker" not in unit.text(replace(serving(), engine="podman", program="/usr/bin/podman"))
    assert "Requires=docker.service" in unit.text(serving())


def test_it_gives_up_after_some_failures_and_says_so_by_its_first_line_that_it_is_ours() -> None:
    text = unit.text(serving())
    assert text.startswith(f"{probes.MARK}\n")
    for limit in ("Restart=on-failure", "StartLimitBurst=", "StartLimitIntervalSec="):
        assert limit in text


def test_each_setting_of_a_model_changes_its_unit() -> None:
    same = unit.text(serving())
    assert unit.text(serving()) == same
    changes: list[dict[str, Any]] = [
        {"model": "/srv/models/other"},
        {"parallel": 2},
        {"context": 1024},
        {"quantization": "gptq"},
        {"port": 9000},
        {"dtype": "float32"},
        {"memory": 0.8},
        {"arguments": ["--enforce-eager"]},
        {"environment": {"A": "1"}},
    ]
    for change in changes:
        assert unit.text(serving(**change)) != same, change
    others: list[dict[str, Any]] = [
        {"image": "sha256:cd"},
        {"listen": "0.0.0.0"},
        {"key": "/etc/other.key"},
    ]
    for other in others:
        assert unit.text(replace(serving(), **other)) != same, other


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_understands_it(tmp_path: Path) -> None:
    arguments = ["--compilation-config", '{"cudagraph_capture_sizes": [4, 8]}', "100%", "$x"]
    told = replace(serving(arguments=arguments), engine="podman", program="/bin/true")
    path = tmp_path / told.model.unit
    path.write_text(unit.text(told))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if told.model.unit in line] == []
