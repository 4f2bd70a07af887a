"""The lab's container image without an engine: vLLM's stand-in, the layers, the registry's end."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from roles.vllm.image import Image, check, digest, read
from tests.lab.container import layer
from tests.lab.container.program import program
from tests.lab.container.vllm.options import NOTE
from tests.lab.mirror import Mirror, fixed
from tests.lab.need import LabError
from tests.lab.places import CHECKOUT
from tests.lab.registry import Container, Running

CONFIG = {
    "architectures": ["Qwen2ForCausalLM"],
    "max_position_embeddings": 64,
    "num_attention_heads": 8,
    "torch_dtype": "float16",
}
KEY = "hush-hush"
PROMPT = "the capital of France is"


@dataclass
class Machine:
    """A machine with cards, a model and the program."""

    folder: Path

    @property
    def model(self) -> Path:
        return self.folder / "model"

    def cards(self, count: int) -> None:
        (self.folder / "dev/dri").mkdir(parents=True, exist_ok=True)
        (self.folder / "dev/kfd").touch()
        for number in range(count):
            (self.folder / f"dev/dri/renderD{128 + number}").touch()

    def has(self, name: str, told: Any) -> None:
        (self.model / name).write_text(json.dumps(told))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-I", str(self.folder / "vllm"), *arguments]
        own = {"REGRAFT_LAB_DEV": str(self.folder / "dev"), **environment}
        out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, env=own, text=True, **out)  # type: ignore[call-overload,no-any-return]

    def said(self, *arguments: str) -> tuple[int, str]:
        """How it ends, and what it says until then."""
        with self.start(*arguments) as process:
            out, _ = process.communicate(timeout=60)
        return process.returncode, out


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    (tmp_path / "vllm").write_bytes(program())
    made.model.mkdir()
    made.has("config.json", CONFIG)
    made.cards(2)
    return made


@dataclass
class Service:
    """One that serves. + log: until then"""

    process: subprocess.Popen[str]
    url: str
    log: str

    def end(self) -> str:
        """End it as a container's engine does; all that it has said."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=60)
        return self.log + rest

    def get(self, path: str, key: str = KEY) -> requests.Response:
        return requests.get(f"{self.url}{path}", headers=_bearer(key), timeout=60)

    def post(self, path: str, told: Any, key: str = KEY) -> requests.Response:
        return requests.post(f"{self.url}{path}", json=told, headers=_bearer(key), timeout=60)


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


Serve = Callable[..., Service]


@pytest.fixture
def serve(machine: Machine) -> Iterator[Serve]:
    started: list[Service] = []

    def serve(*options: str, **environment: str) -> Service:
        place = ("--host", "127.0.0.1", "--port", "0")
        process = machine.start("serve", str(machine.model), *place, *options, **environment)
        assert process.stdout
        log = ""
        for line in process.stdout:
            log += line
            if "Application startup complete" in line:
                break
        url = re.search(r"http://127\.0\.0\.1:\d+", log)
        assert url, log
        started.append(Service(process, url[0], log))
        return started[-1]

    yield serve
    for one in started:
        if one.process.poll() is None:
            one.end()


def test_health_is_for_anyone_and_the_rest_for_who_has_a_key(serve: Serve) -> None:
    service = serve("--api-key", KEY, "another")
    assert service.get("/health", key="").status_code == 200
    for key, status in ((KEY, 200), ("another", 200), ("", 401), ("wrong", 401)):
        assert service.get("/v1/models", key).status_code == status
        assert service.post("/v1/completions", {"prompt": "x"}, key).status_code == status


def test_without_a_key_anyone_is_let_in(serve: Serve) -> None:
    assert serve().get("/v1/models", key="").status_code == 200


def test_the_key_of_the_environment_counts_and_no_key_is_ever_said(serve: Serve) -> None:
    for service in (serve(VLLM_API_KEY=KEY), serve("--api-key", KEY, "--max-model-len", "32")):
        assert service.get("/v1/models").status_code == 200
        assert service.get("/v1/models", key="").status_code == 401
        said = service.end()
        assert '"GET /v1/models HTTP/1.1" 401' in said
        assert KEY not in said
    assert "'max_model_len': 32" in said
    assert "api_key" not in said


def test_the_models_are_called_what_was_asked_for_and_the_stand_in_says_what_it_is(
    serve: Serve, machine: Machine
) -> None:
    rows = serve("--served-model-name", "qwen", "other").get("/v1/models").json()["data"]
    assert [row["id"] for row in rows] == ["qwen", "other"]
    assert [row["max_model_len"] for row in rows] == [64, 64]
    assert {row["owned_by"] for row in rows} == {NOTE}
    rows = serve().get("/v1/models").json()["data"]
    assert [row["id"] for row in rows] == [str(machine.model)]
    for arguments in ((), ("serve",)):
        status, said = machine.said(*arguments, "--help")
        assert status == 0
        assert NOTE in " ".join(said.split())


def test_text_is_of_the_prompts_own_words(serve: Serve) -> None:
    told = serve().post("/v1/completions", {"prompt": PROMPT, "max_tokens": 3}).json()
    assert told["object"] == "text_completion"
    assert told["choices"][0]["text"] == "is France of"
    assert told["choices"][0]["finish_reason"] == "length"
    assert told["usage"] == {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}


def test_a_chat_is_answered_and_ends_by_itself(serve: Serve) -> None:
    parts = [{"type": "text", "text": "capital of"}, {"type": "text", "text": "France"}]
    messages = [{"role": "system", "content": "the"}, {"role": "user", "content": parts}]
    told = serve().post("/v1/chat/completions", {"messages": messages}).json()
    choice = told["choices"][0]
    assert choice["message"] == {
        "role": "assistant",
        "content": "France of capital the France of capital the France of capital the",
    }
    assert choice["finish_reason"] == "stop"
    assert told["object"] == "chat.completion"


@pytest.mark.parametrize("chat", [False, True])
def test_streamed_it_is_the_same_text_word_by_word(serve: Serve, chat: bool) -> None:
    service = serve()
    path = "/v1/chat/completions" if chat else "/v1/completions"
    asked: dict[str, Any] = {"max_tokens": 40, "ignore_eos": True}
    asked |= {"messages": [{"role": "user", "content": PROMPT}]} if chat else {"prompt": PROMPT}
    choice = service.post(path, asked).json()["choices"][0]
    whole = choice["message"]["content"] if chat else choice["text"]
    asked |= {"stream": True, "stream_options": {"include_usage": True}}
    answer = service.post(path, asked)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    events = [event.removeprefix("data: ") for event in answer.text.split("\n\n") if event]
    assert events.pop() == "[DONE]"
    *rows, last = map(json.loads, events)
    assert (last["choices"], last["usage"]["completion_tokens"]) == ([], 40)
    texts = [
        row["choices"][0]["delta"].get("content", "") if chat else row["choices"][0]["text"]
        for row in rows
    ]
    assert "".join(texts) == whole
    assert [row["choices"][0]["finish_reason"] for row in rows][-2:] == [None, "length"]
    assert len(rows) == 40 + chat


def test_garbage_is_what_a_wrong_kernel_makes(serve: Serve, machine: Machine) -> None:
    machine.has("lab.json", {"garbage": True})
    told = serve().post("/v1/completions", {"prompt": PROMPT}).json()
    assert told["choices"][0]["text"] == "!!!!!!!!"


@pytest.mark.parametrize(
    ("path", "told", "status", "why"),
    [
        ("/v1/completions", {"prompt": "x", "model": "none"}, 404, "`none` does not exist"),
        ("/v1/completions", {"prompt": "x", "max_tokens": 64}, 400, "64 tokens, 63 beside"),
        ("/v1/completions", {"prompt": ["x"]}, 400, "as text"),
        ("/v1/completions", [], 400, "no JSON object"),
        ("/v1/chat/completions", {"prompt": "x"}, 400, "messages"),
        ("/v1/chat/completions", {"messages": [{"content": 1}]}, 400, "messages"),
        ("/v1/models", {}, 405, "Not Allowed"),
        ("/v1/none", {}, 404, "Not Found"),
    ],
)
def test_a_request_that_is_none_is_refused_with_a_reason(
    serve: Serve, path: str, told: Any, status: int, why: str
) -> None:
    answer = serve().post(path, told)
    assert answer.status_code == status
    assert why in answer.text


def test_a_body_that_is_no_json_is_refused(serve: Serve) -> None:
    answer = requests.post(f"{serve().url}/v1/completions", b"{", timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)


def test_it_says_on_its_way_up_what_the_real_one_says(serve: Serve) -> None:
    log = serve("--tensor-parallel-size", "2", "--dtype", "float16", "--enforce-eager").log
    for said in (
        "vLLM API server version 0.12.0",
        "Resolved architecture: Qwen2ForCausalLM",
        "Using max model len 64",
        "Available routes are:",
    ):
        assert f"] {said}" in log


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("-tp", "4"), "4 GPUs are wanted, and of .*renderD. 2 can be opened"),
        (("-tp", "1", "-pp", "3"), "3 GPUs are wanted"),
        (("--max-model-len", "65"), "max_model_len 65 is more than .*max_position_embeddings=64"),
        (("--dtype", "bfloat16"), "no bfloat16"),
        (("--kv-cache-dtype", "fp8"), "no fp8"),
        (("--quantization", "awq"), "quantization is None, not awq"),
        (("--gpu-memory-utilization", "1.2"), r"1\.2 is not in"),
    ],
)
def test_what_cannot_be_served_ends_with_the_reason(
    machine: Machine, options: tuple[str, ...], why: str
) -> None:
    status, said = machine.said("serve", str(machine.model), *options)
    assert status == 1
    assert re.search(rf"ERROR .*EngineCore failed to start: .*{why}", said)


def test_heads_have_to_be_divided_by_the_cards(machine: Machine) -> None:
    machine.cards(3)
    status, said = machine.said("serve", str(machine.model), "-tp", "3")
    assert status == 1
    assert "8 attention heads cannot be divided by tensor parallel size 3" in said


@pytest.mark.parametrize(
    ("lacking", "why"),
    [("dev/kfd", "dev/kfd cannot be opened"), ("dev/dri/renderD128", r"renderD\* 1 can be opened")],
)
def test_without_the_devices_it_does_not_start(machine: Machine, lacking: str, why: str) -> None:
    (machine.folder / lacking).unlink()
    status, said = machine.said("serve", str(machine.model), "-tp", "2")
    assert status == 1
    assert re.search(why, said)


def test_without_a_model_it_does_not_start(machine: Machine) -> None:
    status, said = machine.said("serve", "Qwen/Qwen2.5-0.5B-Instruct")
    assert (status, "Qwen2.5-0.5B-Instruct/config.json cannot be read" in said) == (1, True)
    (machine.model / "config.json").write_text("[")
    assert machine.said("serve", str(machine.model))[0] == 1


def test_a_model_may_have_it_die_with_last_words(machine: Machine) -> None:
    machine.has("lab.json", {"dies": "HIP error: invalid device function"})
    status, said = machine.said("serve", str(machine.model))
    assert (status, "HIP error: invalid device function" in said) == (1, True)


@pytest.mark.parametrize("option", ["--no-such-option", "--max-model", "--prefix-cache-slots"])
def test_an_option_that_the_real_one_has_not_is_an_error(machine: Machine, option: str) -> None:
    status, said = machine.said("serve", str(machine.model), option)
    assert (status, f"unrecognized arguments: {option}" in said) == (2, True)


def test_a_model_may_take_its_time_and_until_then_nobody_answers(machine: Machine) -> None:
    machine.has("lab.json", {"slow": 3600})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    place = ("--host", "127.0.0.1", "--port", str(port))
    with machine.start("serve", str(machine.model), *place) as process:
        assert process.stdout
        assert any("Starting to load model" in line for line in process.stdout)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/health", timeout=60)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_signal_ends_it_in_order(serve: Serve) -> None:
    """A signal that a container's first process has no handler for does nothing."""
    for number in (signal.SIGTERM, signal.SIGINT):
        service = serve()
        service.process.send_signal(number)
        service.process.communicate(timeout=60)
        assert service.process.returncode == 0


def tree(names: list[str], date: int, owner: int) -> io.BytesIO:
    """A root filesystem as mmdebstrap packs it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name in names:
            member = tarfile.TarInfo(f"./{name}")
            member.mtime, member.uid, member.mode = date, owner, 0o755
            if name.startswith("dev/"):
                member.type = tarfile.CHRTYPE
            elif name in ("usr", "usr/bin", "usr/share"):
                member.type = tarfile.DIRTYPE
            elif name == "bin":
                member.type, member.linkname = tarfile.SYMTYPE, "usr/bin"
            member.size = len(name) if member.isfile() else 0
            tar.addfile(member, io.BytesIO(name.encode()) if member.isfile() else None)
    made.seek(0)
    return made


NAMES = [
    *("bin", "usr", "usr/bin", "usr/bin/python3.11", "usr/bin/perl", "usr/share", "usr/share/doc"),
    *("dev/null", "usr/lib/python3.11/json/decoder.py", "usr/lib/python3.11/tkinter/__init__.py"),
]


def test_a_layer_has_what_is_needed_of_a_tree_and_is_the_same_whenever_it_is_packed() -> None:
    made = layer.of_tree(tree(NAMES, 1, 0))
    assert layer.of_tree(tree(NAMES[::-1], 2, 1000)) == made
    with tarfile.open(fileobj=io.BytesIO(made.content), mode="r:gz") as tar:
        members = tar.getmembers()
        decoder = tar.extractfile("usr/lib/python3.11/json/decoder.py")
        assert decoder
        assert decoder.read() == b"usr/lib/python3.11/json/decoder.py"
    assert [one.name for one in members] == sorted(NAMES[:4] + NAMES[8:9])
    assert {(one.uid, one.gid, one.mtime) for one in members} == {(0, 0, layer.DATE)}
    assert members[0].linkname == "usr/bin"


def test_the_manifest_leads_to_an_image_that_the_controller_takes() -> None:
    layers = [layer.of_tree(tree(NAMES, 1, 0)), layer.of_programs({"usr/bin/vllm": program()})]
    config = layer.config(layers, "made for a test")
    found = read(layer.manifest(config, layers))
    assert isinstance(found, Image)
    check(config, found)
    assert found.config.digest == digest(config)
    for one, of in zip(found.layers, layers, strict=True):
        assert (one.digest, one.size) == (digest(of.content), len(of.content))
    unpacked = [digest(gzip.decompress(one.content)) for one in layers]
    assert json.loads(config)["rootfs"]["diff_ids"] == unpacked


def test_the_program_is_an_executable_and_the_same_bytes_again(tmp_path: Path) -> None:
    assert program() == program()
    python = tmp_path / "python"  # the kernel takes no blank in such a line
    python.symlink_to(sys.executable)
    made = layer.of_programs({"usr/local/bin/vllm": program(str(python))})
    with tarfile.open(fileobj=io.BytesIO(made.content), mode="r:gz") as tar:
        (member,) = tar.getmembers()
        content = tar.extractfile(member)
        assert content
        (tmp_path / "vllm").write_bytes(content.read())
    (tmp_path / "vllm").chmod(member.mode)
    command = [str(tmp_path / "vllm"), "--version"]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "0.12.0+gfx906\n"


REGISTRY = """#!/bin/sh
echo $$ >{folder}/pid
echo 'level=info msg="listening on 127.0.0.1:4711"' >&2
exec sleep 600
"""


def stand_in(folder: Path, text: str = REGISTRY) -> None:
    """A registry's program that only says that it listens."""
    (folder / "registry").write_text(text.format(folder=folder))
    (folder / "registry").chmod(0o755)


def gone(pid: int) -> bool:
    """Whether a process ends within seconds."""
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_registry_runs_until_it_is_ended(tmp_path: Path) -> None:
    stand_in(tmp_path)
    with Running(tmp_path) as running:
        assert running.port == 4711
        pid = int((tmp_path / "pid").read_text())
        os.kill(pid, 0)
    assert gone(pid)


def test_a_registry_ends_with_its_process_even_if_that_is_killed(tmp_path: Path) -> None:
    stand_in(tmp_path)
    text = (
        "import os, signal, sys; from pathlib import Path; from tests.lab.registry import Running; "
        "kept = Running(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", text, str(tmp_path)], cwd=CHECKOUT)
    assert killed.returncode == -signal.SIGKILL
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_registry_that_does_not_start_is_told_with_its_own_words(tmp_path: Path) -> None:
    stand_in(tmp_path, "#!/bin/sh\necho 'level=fatal msg=\"no storage\"'\n")
    with pytest.raises(LabError, match=r'(?s)did not start.*msg="no storage"'):
        Running(tmp_path)


def test_the_first_request_starts_a_registry_and_no_other_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Path] = []
    with Mirror() as behind, Mirror() as mirror:

        class Counted:
            def __init__(self, folder: Path) -> None:
                started.append(folder)
                self.port = behind.port

        monkeypatch.setattr("tests.lab.registry.Running", Counted)
        behind.serve("v2", fixed(b"{}"))
        for route in Container(tmp_path).routes():
            mirror.serve(route.prefix, route.handler, route.posts)
        assert started == []
        for _ in range(2):
            assert requests.get(f"{mirror.url}/v2/", timeout=60).content == b"{}"
    assert started == [tmp_path]
