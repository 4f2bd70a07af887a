"""The table of upstreams, with an inventory's own addresses put in."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from roles.settings import SettingError

TABLE = Path(__file__).with_name("upstreams.toml")


@dataclass(frozen=True)
class Upstream:
    """One place that bytes come from."""

    name: str
    address: str
    probe: str

    @property
    def probe_url(self) -> str:
        """The full address of the small file that a working upstream serves."""
        return f"{self.address.rstrip('/')}/{self.probe}"


def upstreams(addresses: Mapping[str, str]) -> tuple[Upstream, ...]:
    """All of them. + addresses: those to use in place of the table's, by name"""
    table = {name: Upstream(name, **row) for name, row in tomllib.loads(TABLE.read_text()).items()}
    for name, address in addresses.items():
        if name not in table:
            near = difflib.get_close_matches(name, table, n=1, cutoff=0.0)
            raise SettingError(f"upstream_addresses has no upstream {name!r}: {near[0]!r}?")
        if not address.startswith(("http://", "https://")):
            raise SettingError(f"upstream_addresses[{name!r}] = {address!r} is no http(s) address")
        table[name] = replace(table[name], address=address)
    return tuple(table.values())
