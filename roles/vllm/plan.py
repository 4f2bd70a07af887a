"""What a box lacks of serving. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from roles import space
from roles.vllm.state import Key, State, Unit

UNPACKED = 3  # times the size of its files is what an engine takes for an image at the most
PRIVATE = ("400", "600")  # modes of a file that its owner alone can read


def engine_refusal(state: State, ours: bool) -> str:
    """
    Why the engine that is there is of no use, or nothing.

    + ours: whether a run of ours brought it, which then starts it
    """
    engine = state.engine
    if engine.kind == "docker" and not engine.by_unit:
        return (
            f"{engine.path} is not run by docker.service: a snap, or a Docker of one user's? "
            "Next: the distribution's (apt-get install docker.io), or podman"
        )
    if engine.kind and not engine.version and not ours:
        return f"{engine.path} is there and does not answer. Next: sudo {engine.kind} info, there"
    return ""


def key_reasons(key: Key | None) -> list[str]:
    """Why the file with the key is not as it should be; none: it is."""
    if key is None:
        return ["there is no key"]
    why = []
    if key.owner != "root":
        why.append(f"the key belongs to {key.owner}")
    if key.mode not in PRIVATE:
        why.append(f"others may read the key (mode {key.mode})")
    return why


def unit_reasons(unit: Unit | None, wanted: str) -> list[str]:
    """Why a unit has to be written and started; none: it runs as it should. + wanted: its sum"""
    if unit is None:
        return ["there is no unit"]
    why = []
    if unit.sum != wanted:
        why.append("its settings have changed")
    elif unit.stale:
        why.append("systemd has not read its file")
    if not unit.runs:
        why.append(f"it is {unit.active or 'unknown to systemd'}")
    if not unit.enabled:
        why.append("it would not start with the box")
    return why


def others(state: State, wanted: Iterable[str]) -> list[str]:
    """Our units beside those that are wanted."""
    return sorted({unit.name for unit in state.units.values() if unit.ours} - set(wanted))


def lacking(state: State, files: Mapping[str, int]) -> list[str]:
    """Of an image's files those that are not on the box whole. + files: sizes by name"""
    return [name for name, size in files.items() if state.brought.get(name) != size]


def lacking_space(state: State, files: Mapping[str, int]) -> str:
    """Why an image does not fit onto the disk, or nothing. Parts may be on one file system."""
    to_come = [files[name] for name in lacking(state, files)]
    whole = sum(files.values()) * UNPACKED
    lacks = space.lacking(state.space, (whole, sum(to_come), max(to_come, default=0)))
    return lacks and (
        "the image unpacked, its files in /var/cache and what is sent by way of /tmp may need "
        f"{lacks}. Next: df -h; sudo docker system df, or podman's"
    )
