"""For which archs the libraries of a folder carry device code.

It runs on a box too, sent there by survey.py: with whatever Python is there, and nothing installed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from roles.graft import bundle, codeobject
from roles.graft.bundle import UnreadableError

# Where libraries lie in a ROCm tree, in site-packages and in a virtual environment.
PLACES = ("lib", "lib64", "torch/lib", "lib/python3*/site-packages/torch/lib")


@dataclass(frozen=True)
class Sought:
    """
    A library to look for.

    + file: its name without .so and what follows; or
    + folder: where its code lies as files, below the folder of the libraries
    """

    name: str
    file: str = ""
    folder: str = ""

    def is_named(self, name: str) -> bool:
        """Whether this is the library's file: librocblas.so or librocblas.so.5.0.70002"""
        return bool(self.file) and bool(re.fullmatch(rf"{self.file}\.so(\.[0-9]+)*", name))


@dataclass(frozen=True)
class Carried:
    """What one library carries. + problem: why it cannot be read"""

    name: str
    path: str
    archs: tuple[str, ...] = ()
    problem: str = ""


def look(root: Path, wanted: Iterable[Sought]) -> Iterator[Carried]:
    """Every library that is wanted and there, in a ROCm tree, a venv or a folder of libraries."""
    # A library has several names, and a ROCm tree may have two: each real file once.
    places = {root.resolve(): None}
    places |= {each.resolve(): None for place in PLACES for each in sorted(root.glob(place))}
    for one in wanted:
        seen = set()
        for place in places:
            if one.folder and (place / one.folder).is_dir():
                seen.add((place / one.folder).resolve())
            elif one.file and place.is_dir():
                seen |= {each.resolve() for each in place.iterdir() if one.is_named(each.name)}
        for path in sorted(seen):
            if one.file:
                yield library(one.name, str(path), path)
            else:
                yield Carried(one.name, str(path), named(each.name for each in path.rglob("*")))


def library(name: str, shown: str, path: Path) -> Carried:
    """A library by the targets of its device code."""
    try:
        fatbin = codeobject.section(bundle.mapped(path), ".hip_fatbin")
        targets = set(bundle.targets(fatbin)) if fatbin is not None else set()
    except UnreadableError as error:
        return Carried(name, shown, problem=str(error))
    return Carried(name, shown, tuple(sorted({_arch(target) for target in targets})))


def named(names: Iterable[str]) -> tuple[str, ...]:
    """The archs that files of kernels carry in their names."""
    return tuple(sorted({each for name in names for each in re.findall("gfx[0-9a-f]+", name)}))


def _arch(target: str) -> str:
    """A target in short. What is for xnack on only does not run on a card with it off."""
    arch = bundle.arch_of(target) or target
    return f"{arch}:xnack+" if target.endswith(":xnack+") else arch


def main(wanted: Iterable[Mapping[str, str]]) -> int:
    """On a box: looks into the folder that it is told, and prints JSON, with the key put to it."""
    folder, key = sys.argv[1:]
    found = look(Path(folder), [Sought(**one) for one in wanted])
    sys.stdout.write(json.dumps({"key": key, "found": [asdict(one) for one in found]}) + "\n")
    return 0
