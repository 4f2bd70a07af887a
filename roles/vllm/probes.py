"""The questions that the role vllm asks a box, and its models."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from roles.look import shell
from roles.vllm.model import PREFIX, Model

HERE = Path(__file__).parent
ASK = HERE / "ask"
MARK = "# Written by regraft, and written anew when it differs: vllm_models in the inventory."
UNITS = "/etc/systemd/system"
HUB = "/var/lib/regraft/models"  # what vLLM fetches by itself
CACHES = "/var/cache/regraft-vllm"  # what it compiles
BROUGHT = "/var/cache/regraft-image"  # an image's files, until the engine has them
KEPT = "/var/lib/regraft/vllm"  # as these begin: what is to be taken away again
LINES = 400  # of a unit, in which a cause is looked for


@dataclass(frozen=True)
class Place:
    """
    Where to look.

    + key: the file + cards: their PCI addresses + models: that are to be served
    + listen: the address that they are reached at
    """

    key: str
    cards: tuple[str, ...]
    models: tuple[Model, ...]
    listen: str


def hub(model: Model) -> str:
    """The folder that the hub's own tools keep a model in."""
    return f"{HUB}/hub/models--{model.model.replace('/', '--')}"


def reached(listen: str) -> str:
    """The address at which the box itself reaches what listens there, as part of a URL."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)
    return f"[{own}]" if ":" in own else own


def probes(key: str, cards: Iterable[str], models: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """
    Every question, by the name under which `state` reads the answer.

    + models: for each the path, and the hub's folder; one of them is empty
    """
    asked = [
        f"({shell.snippet(ASK / 'model.sh', name=name, at=at, hub=hub)})"
        for name, (at, hub) in models.items()
    ]
    serving = {
        "space": shell.snippet(ASK / "space.sh"),
        "host": shell.snippet(ASK / "host.sh", cards=" ".join(cards)),
        "models": "\n".join(asked),
        "key": f"stat -L -c '%a %U %s' {shlex.quote(key)} 2>/dev/null",
        "listening": "ss -Hltnp",
        "brought": f"find {BROUGHT} -type f -printf '%s %P\\n' 2>/dev/null",
    }
    return {
        "engine": shell.snippet(ASK / "engine.sh"),
        **(serving if models else dict.fromkeys(serving, ":")),  # what is to go takes less
        "units": units(),
        "kept": shell.read(f"{KEPT}-images"),
        "traces": f"for one in {KEPT}-* {HUB} {CACHES} {BROUGHT}; "
        'do [ ! -e "$one" ] || echo "$one"; done',
    }


def units() -> str:
    """How our units are."""
    return f"({shell.snippet(ASK / 'units.sh', prefix=PREFIX, mark=MARK)})"


def answers(key: str, addresses: Mapping[str, str], seconds: int, patience: int) -> dict[str, str]:
    """
    What the models answer, and how their units are.

    + addresses: by name + seconds: for one answer
    + patience: how long to wait for all of them to have one
    """
    told = json.dumps(
        {"key": key, "addresses": dict(addresses), "seconds": seconds, "patience": patience}
    )
    program = (HERE / "answers.py").read_text()
    return {
        "answers": f"python3 -I -c {shlex.quote(program)} {shlex.quote(told)}",
        "units": units(),
    }


def said(unit: str) -> str:
    """What a unit has said last, without colours."""
    return (
        f"journalctl -u {shlex.quote(unit)} -n {LINES} -o cat --no-pager 2>/dev/null | "
        "cut -c 1-400 | sed 's/\\x1b\\[[0-9;]*m//g'"
    )
