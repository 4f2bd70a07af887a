"""What a box has of PyTorch, told apart from what its tools printed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from roles.look.shell import sections


@dataclass(frozen=True)
class State:
    """
    A box, as the role pytorch sees it.

    + python: its version; empty: it cannot be run
    + libc: name and version + conda: the folder of the conda that the Python is from
    + owner: of the environment; empty: there is none + ours: whether a run of ours made it
    + unfinished: whether a run was cut off while it changed it
    + made: the version of the Python that it was made with + runs: whether its own does
    + packages: versions by normalized name
    + site: its site-packages
    + catalogs: a digest of torch's fallback catalogs; empty: it has none
    + bad: files of our wheel that are not as it has brought them
    + loose: files of the arch that no wheel of ours has brought
    + space: file system and free bytes, for the environment, the wheels, and for sending them
    + traces: files beside it that runs of ours have left
    """

    user: str
    user_exists: bool
    python: str
    machine: str
    libc: str
    conda: str
    owner: str
    ours: bool
    unfinished: bool
    made: str
    runs: bool
    packages: Mapping[str, str]
    site: str
    catalogs: str
    bad: tuple[str, ...]
    loose: tuple[str, ...]
    space: tuple[tuple[str, int], ...]
    traces: tuple[str, ...]


def state(lines: Iterable[str]) -> State:
    """Read the answers to the role's probes."""
    said = sections(lines)
    user, *fields = next(iter(said["account"]), "").split(":")
    python, venv, graft = (_pairs(said[name]) for name in ("python", "venv", "graft"))
    space = [line.split(None, 1) for line in said["space"]]

    def one(pairs: list[tuple[str, str]], word: str) -> str:
        return next((text for found, text in pairs if found == word), "")

    return State(
        user=user,
        user_exists=bool(fields),
        python=one(python, "version"),
        machine=one(python, "machine"),
        libc=one(python, "libc"),
        conda=one(python, "conda"),
        owner=one(venv, "there"),
        ours=bool(one(venv, "ours")),
        unfinished=bool(one(venv, "unfinished")),
        made=one(venv, "made"),
        runs=bool(one(venv, "runs")),
        packages=dict(_package(text) for word, text in venv if word == "package"),
        site=one(graft, "site"),
        catalogs=one(graft, "catalogs"),
        bad=tuple(text for word, text in graft if word == "bad"),
        loose=tuple(text for word, text in graft if word == "loose"),
        space=tuple((where, int(free)) for free, where in space if free.isdigit()),
        traces=tuple(said["traces"]),
    )


def _pairs(lines: Iterable[str]) -> list[tuple[str, str]]:
    return [(word, text) for word, _, text in (line.partition(" ") for line in lines)]


def _package(folder: str) -> tuple[str, str]:
    name, _, version = folder.removesuffix(".dist-info").partition("-")
    return canonicalize_name(name), version
