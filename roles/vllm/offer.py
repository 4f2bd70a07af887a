"""The images that are offered, from images.toml; of others, what their names tell."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from roles.settings import SettingError
from roles.vllm.reference import parse

TABLE = Path(__file__).with_name("images.toml")
# as builders have called theirs: v0.12.0-rocm6.3, 0.11.0-rocm-6.4.4
TAG = re.compile(r"v?(?P<vllm>\d+\.\d+\.\d+[a-z0-9.]*)-rocm-?(?P<rocm>\d+\.\d+(\.\d+)?)")


@dataclass(frozen=True)
class Offer:
    """
    An image, and what is in it; "": not known.

    + line: whose vLLM it is + command: what serves a model in it
    + emulates: types that the card lacks, and that it computes in others
    """

    reference: str
    line: str = ""
    rocm: str = ""
    torch: str = ""
    vllm: str = ""
    triton: str = ""
    command: tuple[str, ...] = ("vllm", "serve")
    environment: tuple[tuple[str, str], ...] = ()
    emulates: tuple[str, ...] = ()


def names() -> tuple[str, ...]:
    """What they are called, the default first."""
    table = _table()
    return tuple(sorted(table, key=lambda name: not table[name]["default"]))


def offer(wanted: str) -> Offer:
    """One by its name here, or any image by its reference."""
    table = _table()
    if wanted in table:
        known = {field.name for field in fields(Offer)}
        row = {key: value for key, value in table[wanted].items() if key in known}
        for listed in ("command", "emulates"):
            row[listed] = tuple(row[listed])
        row["environment"] = tuple(row["environment"].items())
        return Offer(**row)
    near = difflib.get_close_matches(wanted, table, n=1)
    if near and "/" not in wanted:
        raise SettingError(f"vllm_image: there is no image {wanted!r}. Did you mean {near[0]!r}?")
    told = TAG.match(parse(wanted).tag)
    return Offer(wanted, vllm=told["vllm"], rocm=told["rocm"]) if told else Offer(wanted)


def _table() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(TABLE.read_text())
