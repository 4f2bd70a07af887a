"""What a box keeps of the survey of its libraries: how it is asked, for how long it holds. Pure.

The box itself looks, by carried.py: its libraries have gigabytes, its answer a few lines.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from roles.graft.carried import Carried
from roles.graft.libraries import known
from roles.program import packed

KEPT = "/var/lib/regraft/coverage.json"
ROLES = Path(__file__).resolve().parents[1]
MODULES = ("bundle", "carried", "codeobject", "libzstd", "zstd")
WANTED = [{"name": one.name, "file": one.file, "folder": one.folder} for one in known()]
SENT = ("__init__.py", "graft/__init__.py", *(f"graft/{name}.py" for name in MODULES))


@dataclass(frozen=True)
class Answer:
    """+ key: what it is the answer to + problem: why nothing was found"""

    key: str
    found: tuple[Carried, ...]
    problem: str


def key(prefix: str, libraries: str) -> str:
    """Of a question; equal keys have equal answers. + libraries: the look's digest of them"""
    told = [prefix, libraries, *_sources().items()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


@cache
def program() -> str:
    """carried.py, with what it needs and what to look for, as a program for python3; in base64."""
    return base64.encodebytes(packed(_sources())).decode()


@cache
def _sources() -> dict[str, str]:
    main = f"import sys\nfrom roles.graft import carried\nsys.exit(carried.main({WANTED!r}))\n"
    sent = {f"roles/{name}": (ROLES / name).read_text(encoding="utf-8") for name in SENT}
    return {"__main__.py": main, **sent}


def read(text: str) -> Answer | None:
    """An answer that a box has kept; None: there is none that can be read."""
    names = {one.name for one in known()}
    try:
        said = json.loads(text)
        found = [
            Carried(
                name=str(one["name"]),
                path=str(one["path"]),
                archs=tuple(str(arch) for arch in one["archs"]),
                problem=str(one["problem"]),
            )
            for one in said.get("found", [])
            if one["name"] in names
        ]
        return Answer(str(said["key"]), tuple(found), str(said.get("problem", "")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
