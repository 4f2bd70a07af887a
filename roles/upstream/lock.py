"""regraft.lock.toml: what was resolved at first use, so that the next box gets the same bytes."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

from roles.upstream.alone import alone

Value = str | int

BARE = re.compile(r"[A-Za-z0-9_-]+")  # a key that TOML wants no quotes around
HEAD = """\
# What regraft has found behind the names of its sources at their first use. Whoever keeps this file
# gets the same bytes for the next box. A table that is deleted is found anew at its next use.
# Written by regraft: comments of your own are lost.
"""


class LockRefused(Exception):  # noqa: N818 - reads as what it says
    """The lock cannot be used as it is; says why, and what to do."""


class LockMismatch(LockRefused):
    """What was found is not what is recorded."""


class Lock:
    """The lock at a path; it need not be there yet. Each use reads it: others write it too."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def known(self, name: str) -> dict[str, Value] | None:
        """What is recorded under a name."""
        return self._tables().get(name)

    def record(self, name: str, **values: Value) -> None:
        """Add to what is recorded under a name; LockMismatch if something else is."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with alone(self.path.parent):  # the folder: no lock's lock beside the user's files
            tables = self._tables()
            known = tables.get(name, {})
            for key, found in values.items():
                if known.get(key, found) != found:
                    raise LockMismatch(
                        f"{self.path} has {key} = {known[key]!r} for {name}, found is {found!r}. "
                        f"Next: if this change is wanted, delete the table [{_key(name)}] in that "
                        "file; if not, do not go on before you know why"
                    )
            if known != {**known, **values}:
                self._write({**tables, name: {**known, **values}})

    def _tables(self) -> dict[str, dict[str, Value]]:
        try:
            tables = tomllib.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as problem:  # no TOML, or no text
            raise LockRefused(
                f"{self.path} cannot be read: {problem}. Next: correct it, or delete it"
            ) from problem
        if not all(isinstance(table, dict) for table in tables.values()):
            raise LockRefused(f"{self.path} has values outside of tables. Next: delete them")
        return tables

    def _write(self, tables: dict[str, dict[str, Value]]) -> None:
        half = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with half.open("w", encoding="utf-8") as file:
            file.write(HEAD + text(tables))
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, self.path)


def text(tables: dict[str, dict[str, Value]]) -> str:
    """Tables as TOML, sorted."""
    lines = []
    for name, table in sorted(tables.items()):
        lines += ["", f"[{_key(name)}]"]
        lines += [f"{_key(key)} = {_value(value)}" for key, value in sorted(table.items())]
    return "\n".join([*lines, ""])


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _value(name)


def _value(value: Value) -> str:
    """As TOML: what JSON says of a text or a number, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
