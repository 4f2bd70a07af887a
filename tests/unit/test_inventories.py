"""inventories/example.py is what people copy: it has to load, and to name every setting."""

from __future__ import annotations

import dataclasses
import runpy
from pathlib import Path
from typing import Any

from roles import settings

EXAMPLE = Path(__file__).resolve().parents[2] / "inventories/example.py"


def test_the_example_explains_every_setting() -> None:
    text = EXAMPLE.read_text()
    fields = [f for kind in settings.rooms().values() for f in dataclasses.fields(kind)]
    assert [field.name for field in fields if f'"{field.name}"' not in text] == []


def test_the_examples_settings_are_ones_that_exist() -> None:
    groups = runpy.run_path(str(EXAMPLE))
    shown: list[dict[str, Any]] = [groups["attic"][1]]
    for hosts in (groups["desk"], groups["here"], groups["attic"][0]):
        shown += [host[1] for host in hosts if isinstance(host, tuple)]
    for data in shown:
        settings.check(data)
