"""A box that serves, for tests to change: what its tools say, and what is made of that."""

from __future__ import annotations

import json
from typing import Any

from roles.vllm import model
from roles.vllm.gates import Asked
from roles.vllm.model import Model
from roles.vllm.offer import Offer, offer
from roles.vllm.state import State, state

CARDS = ("0000:03:00.0", "0000:44:00.0")
LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 32,
    "max_position_embeddings": 8192,
    "torch_dtype": "bfloat16",
}
ANSWERS = {
    "engine": "kind docker\npath /usr/bin/docker\nunit loaded\nversion 28.2.2\nimage abc",
    "space": "100000000000 /\n100000000000 /\n4000000000 /tmp",
    "units": "",
    "host": "kfd 109\n"
    "render 0000:03:00.0 /dev/dri/renderD128 109\nvram 0000:03:00.0 17163091968\n"
    "render 0000:44:00.0 /dev/dri/renderD129 44\nvram 0000:44:00.0 17163091968\n"
    "line BOOT_IMAGE=/vmlinuz root=/dev/sda1 iommu=pt quiet\ndriver dkms\nsource amd",
    "models": "",
    "key": "600 root 64",
    "listening": 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=7,fd=3))',
    "brought": "",
    "kept": "",
    "traces": "",
}
CHAT: dict[str, Any] = {"name": "chat", "model": "/srv/models/chat"}


def seen(**changed: str) -> State:
    """A box on which nothing is served yet, but for what is changed."""
    said = {**ANSWERS, **changed}
    return state(
        [line for name, text in said.items() for line in (f"@@look {name}", *text.split("\n"))]
    )


def found(name: str = "chat", gib: float = 4, **config: Any) -> str:
    """What a look says of a folder with a model. + gib: its weights + config: over a Llama's"""
    told = json.dumps({**LLAMA, **config})
    size = int(gib * 2**30)
    return f"model {name}\nthere folder\nconfig {told}\nweights {size} model.safetensors"


def models(*rows: dict[str, Any]) -> tuple[Model, ...]:
    """Models as the inventory says them, over one that is called chat."""
    return model.read([{**CHAT, **row} for row in rows or ({},)])


def asked(
    *rows: dict[str, Any],
    cards: tuple[str, ...] = CARDS,
    listen: str = "127.0.0.1",
    image: Offer | None = None,
) -> Asked:
    return Asked("gfx906", cards, models(*rows), image or offer("nlzy"), listen)
