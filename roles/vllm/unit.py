"""The unit that serves a model: its text. Pure.

The key comes to the container by way of systemd's credentials and the engine's own environment: no
command line has it, and the file is read when the unit starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from roles.vllm.model import Model
from roles.vllm.offer import Offer
from roles.vllm.probes import CACHES, HUB, MARK
from roles.vllm.state import Node

INSIDE = 8000  # the port that vLLM has in its container
# vLLM's and RCCL's processes hand each other work and tensors in /dev/shm, of which an engine gives
# 64 MiB; two workers fill some hundred. It takes memory only as it is filled.
SHARED_GIB = 2  # for each card
STOP_SECONDS = 50
# Words that need no quotes, for systemd and for those who read.
PLAIN = re.compile(r"[A-Za-z0-9_./:=,@+-]+")
# Without a key vLLM would answer anybody.
WITH_KEY = (
    'VLLM_API_KEY=$(cat "$CREDENTIALS_DIRECTORY/key") && [ -n "$VLLM_API_KEY" ] && '
    'export VLLM_API_KEY && exec "$@"'
)
PRIVATE = {
    "VLLM_NO_USAGE_STATS": "1",
    "XDG_CACHE_HOME": "/cache",
    "TRITON_CACHE_DIR": "/cache/triton",
    "TORCHINDUCTOR_CACHE_DIR": "/cache/inductor",
}


@dataclass(frozen=True)
class Serving:
    """
    A model, and all that its unit depends on.

    + engine: docker or podman + program: its path + image: the id
    + nodes: /dev/kfd, and of each card the one that computes
    + listen: the address + key: the file + hub: where vLLM fetches from
    """

    model: Model
    offer: Offer
    engine: str
    program: str
    image: str
    nodes: tuple[Node, ...]
    listen: str
    key: str
    hub: str


def text(of: Serving) -> str:
    """The whole file."""
    name, program = of.model.unit.removesuffix(".service"), _word(of.program)
    after = "After=docker.service\nRequires=docker.service\n" if of.engine == "docker" else ""
    lines = [
        f"/bin/sh -c {_word(WITH_KEY)} sh",
        f"{program} run --rm --name={name} --pull=never --log-driver=none",
        *map(_word, _container(of)),
        _word(f"sha256:{of.image.removeprefix('sha256:')}"),
        *_lines(_serve(of)),
    ]
    return f"""{MARK}
[Unit]
Description=vLLM serving {of.model.name}
{after}StartLimitIntervalSec=3h
StartLimitBurst=4

[Service]
Type=exec
LoadCredential=key:{of.key}
CacheDirectory={PurePosixPath(CACHES).name}/{of.model.name}
CacheDirectoryMode=0700
{_state(of.model)}ExecStartPre=-{program} rm --force {name}
ExecStart={_joined(lines)}
ExecStop=-{program} stop -t {STOP_SECONDS} {name}
SuccessExitStatus=143
TimeoutStopSec={STOP_SECONDS + 30}
Restart=on-failure
RestartSec=10

[Install]
WantedBy=multi-user.target
"""


def sum_of(unit: str) -> str:
    """As the look at a box has it."""
    return sha256(unit.encode()).hexdigest()


def _state(model: Model) -> str:
    return f"StateDirectory={HUB.removeprefix('/var/lib/')}\n" if model.of_hub else ""


def _container(of: Serving) -> list[str]:
    """What the engine is told of the container: no more than serving takes."""
    model = of.model
    listen = f"[{of.listen}]" if ":" in of.listen else of.listen
    groups = sorted({node.gid for node in of.nodes})
    return [
        f"--publish={listen}:{model.port}:{INSIDE}",
        *("--cap-drop=ALL", "--security-opt=no-new-privileges"),
        *("--ipc=private", f"--shm-size={SHARED_GIB * model.parallel}g"),
        *(f"--device={node.path}" for node in of.nodes),
        *(f"--group-add={gid}" for gid in groups),
        *_mounts(model),
        "--env=VLLM_API_KEY",
        *(f"--env={name}={value}" for name, value in _environment(of).items()),
    ]


def _mounts(model: Model) -> Iterable[str]:
    yield f"--mount=type=bind,src={CACHES}/{model.name},dst=/cache"
    if model.of_hub:
        yield f"--mount=type=bind,src={HUB},dst=/hub"
    else:
        yield f"--mount=type=bind,src={model.model},dst={_inside(model)},readonly"


def _inside(model: Model) -> str:
    """What vLLM is told the model is."""
    if model.of_hub:
        return model.model
    folder = f"/models/{model.name}"
    return f"{folder}/{PurePosixPath(model.model).name}" if model.is_file else folder


def _environment(of: Serving) -> Mapping[str, str]:
    """What a person says counts, then what the image is told in any case."""
    model = of.model
    hub = (
        {"HF_HOME": "/hub", "HF_ENDPOINT": of.hub.rstrip("/")}
        if model.of_hub
        else {"HF_HUB_OFFLINE": "1"}
    )
    # for the cards to reach each other's memory over PCIe
    several = {"HSA_FORCE_FINE_GRAIN_PCIE": "1"} if model.parallel > 1 else {}
    return {**PRIVATE, **hub, **several, **dict(of.offer.environment), **model.environment}


def _serve(of: Serving) -> list[str]:
    """What serves the model, in the container."""
    model = of.model
    return [
        *of.offer.command,
        _inside(model),
        f"--served-model-name={model.name}",
        f"--port={INSIDE}",
        f"--dtype={model.dtype}",
        f"--tensor-parallel-size={model.parallel}",
        f"--gpu-memory-utilization={model.memory:g}",
        *([f"--max-model-len={model.context}"] if model.context else []),
        *([f"--quantization={model.quantization}"] if model.quantization else []),
        *model.arguments,
    ]


def _lines(words: list[str]) -> list[str]:
    """Quoted; a flag begins a line, and what follows it stays with it."""
    lines: list[str] = []
    for word in words:
        if lines and not word.startswith("--"):
            lines[-1] += f" {_word(word)}"
        else:
            lines.append(_word(word))
    return lines


def _joined(lines: list[str]) -> str:
    return " \\\n    ".join(lines)


def _word(word: str) -> str:
    """As systemd reads one: % and $ mean something to it, and a backslash does in quotes."""
    if PLAIN.fullmatch(word):
        return word
    told = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{told}"'
