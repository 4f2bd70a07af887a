"""What a box has of vLLM, told apart from what its tools printed. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roles.look.shell import sections

LISTENING = re.compile(r'LISTEN\s+\S+\s+\S+\s+(\S+):(\d+)\s+\S+\s*(?:users:\(\("([^"]*)")?')


@dataclass(frozen=True)
class Engine:
    """
    What runs containers.

    + kind: docker, podman; "": there is none + version: "": it does not answer
    + by_unit: whether docker.service is what runs it
    """

    kind: str
    path: str
    version: str
    by_unit: bool
    images: frozenset[str]


@dataclass(frozen=True)
class Unit:
    """
    One of our units.

    + sum: of its file + ours: whether that says so + port: that it publishes; 0: none
    + active, result, restarts, enabled, stale: as systemd has it; stale: it knows an older file
    """

    name: str
    sum: str
    ours: bool
    port: int
    active: str
    result: str
    restarts: int
    enabled: bool
    stale: bool

    @property
    def runs(self) -> bool:
        """Whether it does, or is about to."""
        return self.active in ("active", "activating", "reloading")


@dataclass(frozen=True)
class Found:
    """
    What is at a model's path.

    + there: folder, file; "": nothing + config: "": it has none + weights: sizes by name
    + mistral: whether it has the config of Mistral's own kind
    + outside: links that lead out of it + closed: what only its owner may read
    """

    there: str
    config: str
    weights: Mapping[str, int]
    mistral: bool
    outside: tuple[str, ...]
    closed: tuple[str, ...]

    @property
    def told(self) -> Mapping[str, Any] | None:
        """Its config.json, read; None: that cannot be."""
        try:
            found = json.loads(self.config)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Key:
    """The file with the key. + mode: in octal digits + size: in bytes"""

    mode: str
    owner: str
    size: int


@dataclass(frozen=True)
class Node:
    """A device file, and the group that it belongs to, by number."""

    path: str
    gid: int


@dataclass(frozen=True)
class State:
    """
    A box, as the role vllm sees it.

    + units: by name + found: what is at the models' paths, by name
    + kfd: /dev/kfd + render, vram: by the card's PCI address
    + kernel_line: words + iommu: whether one is active
    + driver: kernel, dkms; "": amdgpu is not loaded + sources: of ROCm that apt knows
    + listening: address, port and process + space: file system and free bytes, for images, for
      their files, and for sending them
    + brought: files of an image that are there, by name + kept: images that runs of ours brought
    + traces: files that runs of ours have left
    """

    engine: Engine
    units: Mapping[str, Unit]
    found: Mapping[str, Found]
    kfd: Node | None
    render: Mapping[str, Node]
    vram: Mapping[str, int]
    kernel_line: tuple[str, ...]
    iommu: bool
    driver: str
    sources: tuple[str, ...]
    key: Key | None
    listening: tuple[tuple[str, int, str], ...]
    space: tuple[tuple[str, int], ...]
    brought: Mapping[str, int]
    kept: tuple[str, ...]
    traces: tuple[str, ...]


def state(lines: Iterable[str]) -> State:
    """Read the answers to the role's probes."""
    said = sections(lines)
    host = _pairs(said["host"])
    nodes = [text.split() for word, text in host if word == "render"]
    vram = [text.split() for word, text in host if word == "vram"]
    space = [line.split(None, 1) for line in said["space"]]
    brought = [line.split(" ", 1) for line in said["brought"] if line[:1].isdigit()]
    key = [line.split() for line in said["key"]]
    return State(
        engine=_engine(_pairs(said["engine"])),
        units=units(said["units"]),
        found=_found(said["models"]),
        kfd=next((Node("/dev/kfd", int(gid)) for word, gid in host if word == "kfd"), None),
        # a card may have several nodes; the first is the one that everybody takes
        render={pci: Node(path, int(gid)) for pci, path, gid in reversed(nodes)},
        vram={pci: int(size) for pci, size in vram},
        kernel_line=tuple(" ".join(text for word, text in host if word == "line").split()),
        iommu=any(word == "iommu" for word, _ in host),
        driver=_one(host, "driver"),
        sources=tuple(text for word, text in host if word == "source"),
        key=Key(key[0][0], key[0][1], int(key[0][2])) if key else None,
        listening=tuple(
            (found[1].strip("[]").partition("%")[0], int(found[2]), found[3] or "")
            for found in map(LISTENING.match, said["listening"])
            if found
        ),
        space=tuple((where, int(free)) for free, where in space if free.isdigit()),
        brought={name: int(size) for size, name in brought},
        kept=tuple(line.removeprefix("sha256:") for line in said["kept"] if line),
        traces=tuple(said["traces"]),
    )


def _engine(pairs: list[tuple[str, str]]) -> Engine:
    return Engine(
        kind=_one(pairs, "kind"),
        path=_one(pairs, "path"),
        version=_one(pairs, "version"),
        by_unit=_one(pairs, "unit") == "loaded",
        images=frozenset(text for word, text in pairs if word == "image"),
    )


def units(lines: Iterable[str]) -> dict[str, Unit]:
    """Our units: their files first, then what systemd makes of them."""
    files: dict[str, dict[str, str]] = {}
    known: dict[str, dict[str, str]] = {}
    here: dict[str, str] = {}
    of: dict[str, str] = {}
    for line in lines:
        word, _, text = line.partition(" ")
        key, given, value = line.partition("=")
        if word == "unit":
            here = files.setdefault(text, {})
        elif word in ("sum", "ours", "port"):
            here[word] = text
        elif not line.strip():
            of = {}  # systemd parts its units by a blank line, and names them anywhere
        elif given:
            of[key] = value
            if "Id" in of:
                known[of["Id"]] = of
    return {name: _unit(name, file, known.get(name, {})) for name, file in files.items()}


def _unit(name: str, file: Mapping[str, str], of: Mapping[str, str]) -> Unit:
    return Unit(
        name=name,
        sum=file.get("sum", ""),
        ours="ours" in file,
        port=int(file.get("port") or 0),
        active=of.get("ActiveState", ""),
        result=of.get("Result", ""),
        restarts=int(of.get("NRestarts") or 0),
        enabled=of.get("UnitFileState") == "enabled",
        stale=of.get("NeedDaemonReload") == "yes",
    )


def _found(lines: Iterable[str]) -> dict[str, Found]:
    by_name: dict[str, list[tuple[str, str]]] = {}
    pairs: list[tuple[str, str]] = []
    for word, text in _pairs(lines):
        if word == "model":
            pairs = by_name.setdefault(text, [])
        else:
            pairs.append((word, text))
    return {name: _model(pairs) for name, pairs in by_name.items()}


def _model(pairs: list[tuple[str, str]]) -> Found:
    sizes = [text.split(" ", 1) for word, text in pairs if word == "weights"]
    return Found(
        there=_one(pairs, "there"),
        config=_one(pairs, "config"),
        weights={name: int(size) for size, name in sizes},
        mistral=bool(_one(pairs, "params")),
        outside=tuple(text for word, text in pairs if word == "outside"),
        closed=tuple(text for word, text in pairs if word == "closed"),
    )


def _pairs(lines: Iterable[str]) -> list[tuple[str, str]]:
    return [(word, text) for word, _, text in (line.partition(" ") for line in lines)]


def _one(pairs: Iterable[tuple[str, str]], word: str) -> str:
    return next((text for found, text in pairs if found == word), "")
