"""Settings: what a person may say about a box, typed, and checked before anything is done.

Each room has one frozen dataclass named `Settings`, its fields made by `setting`; the inventory's
host data fills it. `python -m roles.settings` prints the table that docs/settings.md holds.
"""

from __future__ import annotations

import dataclasses
import difflib
import sys
import typing
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

if typing.TYPE_CHECKING or "pyinfra" in sys.modules:
    from pyinfra.api.exceptions import PyinfraError as Base  # printed as a line, no traceback
else:  # in a program that a run has begun, which is waited for: pyinfra takes 0.2 s to load
    Base = Exception

T = TypeVar("T")


class SettingError(Base):
    """A setting that cannot be meant as it is written; says what to write instead."""


def setting(
    default: Any, text: str, choices: tuple[Any, ...] = (), least: int | None = None
) -> Any:
    """A field of a room's Settings: its default, its documentation, and what it may be.

    + choices: the values, or of a table the keys, that there are
    + least: the smallest number
    """
    told = {"text": text, "choices": choices, "least": least}
    if isinstance(default, (dict, list)):
        return dataclasses.field(default_factory=lambda: type(default)(default), metadata=told)
    return dataclasses.field(default=default, metadata=told)


def rooms() -> dict[str, type[Any]]:
    """The Settings of every room that has some, by the room's name."""
    folder = Path(__file__).parent
    names = sorted(path.parent.name for path in folder.glob("*/settings.py"))
    return {name: import_module(f"roles.{name}.settings").Settings for name in names}


def read(kind: type[T], data: Mapping[str, Any]) -> T:
    """One room's settings out of a host's data, each of the type that it is declared with."""
    types = typing.get_type_hints(kind)
    values = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.name in data:
            values[field.name] = data[field.name]
            _check(field, types[field.name], data[field.name])
    return kind(**values)


def check(data: Mapping[str, Any]) -> None:
    """Stop at any setting of any room that cannot be meant as it is written."""
    _refuse_unknown(data)
    for kind in rooms().values():
        read(kind, data)


def _refuse_unknown(data: Iterable[str]) -> None:
    """Stop at a name that begins like a room's settings, or is nearly one, and is none of them.

    Other names are the user's own, pyinfra's or its connectors': none of our business.
    """
    known = {field.name for kind in rooms().values() for field in dataclasses.fields(kind)}
    for name in data:
        if name in known or name.startswith("_"):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if near or name.split("_")[0] in rooms():
            meant = near or difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise SettingError(
                f"there is no setting {name!r}. Did you mean {meant[0]!r}? "
                "Next: correct it in the inventory; docs/settings.md lists them all"
            )


def _check(field: dataclasses.Field[Any], kind: Any, value: Any) -> None:
    base = typing.get_origin(kind) or kind
    # bool is an int to Python, but never to a person
    if not isinstance(value, base) or (isinstance(value, bool) and base is not bool):
        raise SettingError(
            f"{field.name} = {value!r} is of type {type(value).__name__}, not {_said(kind)}. "
            f"Next: write it like {field.name} = {_example(field)!r} in the inventory"
        )
    parts = tuple(typing.get_origin(part) or part for part in typing.get_args(kind))
    members = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    if parts and not all(isinstance(member, parts) for member in members):
        raise SettingError(f"{field.name} = {value!r} is not {_said(kind)} throughout")
    least = field.metadata["least"]
    if least is not None and value < least:
        raise SettingError(f"{field.name} = {value!r} is less than {least}")
    for one in value if isinstance(value, dict) else [value]:
        _choose(field.name, one, field.metadata["choices"])


def _choose(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    if choices and value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        near = difflib.get_close_matches(str(value), [str(c) for c in choices], n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise SettingError(f"{name}: {value!r} is none of {listed}. {hint}".rstrip())


def _example(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _said(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not typing.get_args(kind) else str(kind)


def table() -> str:
    """The documentation of every setting, as Markdown."""
    lines = ["| setting | type | default | what it does |", "| --- | --- | --- | --- |"]
    for kind in rooms().values():
        types = typing.get_type_hints(kind)
        for field in dataclasses.fields(kind):
            choices = ", ".join(f"`{choice}`" for choice in field.metadata["choices"])
            told = field.metadata["text"] + (f" There are {choices}." if choices else "")
            default = f"`{_example(field)!r}`"
            lines.append(f"| `{field.name}` | {_said(types[field.name])} | {default} | {told} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
