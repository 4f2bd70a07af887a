"""Fit: whether a card finds in a Tensile library every kernel that its catalogs name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from roles.graft import bundle, codeobject, tensile
from roles.graft.bundle import UnreadableError
from roles.graft.order import Layout

T = TypeVar("T")
CODE = (".co", ".hsaco")
XNACK = ("-xnack-", "-xnack+")
WIDEST = 60  # of a kernel's name, which may have 600 characters


@dataclass(frozen=True)
class Gap:
    """Kernels that a catalog names and no code object has. + of: how many it names"""

    catalog: str
    kernels: tuple[str, ...]
    of: int


@dataclass(frozen=True)
class Stranger:
    """A file that carries the arch in its name and does not run on it. + found: what it is for"""

    name: str
    found: str


@dataclass(frozen=True)
class Fit:
    """What a card of this arch would find.

    + catalogs: those that the lazy catalog names and that could be read
    + kernels: those that these catalogs name, found or not
    + absent: files that are not there
    + problems: files that cannot be read, and why
    """

    arch: str
    catalogs: int = 0
    kernels: int = 0
    absent: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the files and of the kernels that are not there."""
        return self.absent + tuple(name for gap in self.gaps for name in gap.kernels)

    @property
    def wrong_arch(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.strangers)

    @property
    def fits(self) -> bool:
        return bool(self.catalogs) and not (self.missing or self.strangers or self.problems)

    @property
    def is_of_another_build(self) -> bool:
        """Whether nothing is wrong but names in catalogs that are the library's own."""
        only_names = bool(self.gaps) and not (self.absent or self.strangers or self.problems)
        return only_names and all(_is_fallback(gap.catalog) for gap in self.gaps)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it does not fit, a sentence each."""
        return (
            *(f"{name} is absent" for name in self.absent),
            *(_told(gap) for gap in self.gaps),
            *(f"{one.name} is for {one.found}, not for {self.arch}" for one in self.strangers),
            *self.problems,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "arch": self.arch,
            "catalogs": self.catalogs,
            "kernels": self.kernels,
            "missing": list(self.missing),
            "wrong_arch": list(self.wrong_arch),
            "problems": list(self.problems),
            "reasons": list(self.reasons),
            "fits": self.fits,
        }


def listing(folder: Path) -> dict[str, Path]:
    """The files of a library folder by name, those of a folder in it by folder/name.

    A folder itself is there as folder/: rocBLAS heeds one named for the arch even when empty.
    """
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            found[f"{path.name}/"] = path
            inner = (each for each in sorted(path.iterdir()) if each.is_file())
            found |= {f"{path.name}/{each.name}": each for each in inner}
        elif path.is_file():
            found[path.name] = path
    return found


def fit(
    library: Mapping[str, Path],
    arch: str,
    donor: Mapping[str, Path] | None = None,
    layout: Layout = "flat",
) -> Fit:
    """Read what rocBLAS would read on a card of this arch; with a donor, once it is grafted."""
    files = _looked_in(library, arch) if donor is None else laid(library, arch, donor, layout)
    return _Look(arch, files).fit()


def laid(
    library: Mapping[str, Path], arch: str, donor: Mapping[str, Path], layout: Layout
) -> dict[str, Path]:
    """What rocBLAS would look at, once the donor's files are in the library.

    Flat, they lie over the library's; whatever the library has of this arch, a folder too, has
    gone. In a folder of their own (arch-dir) they bring their fallback catalogs along.
    """
    given = _looked_in(donor, arch)
    own = {name: path for name, path in given.items() if carries(name, arch)}
    if layout == "arch-dir":
        return own | {name: path for name, path in given.items() if _is_fallback(name)}
    rest = {
        name: path for name, path in library.items() if "/" not in name and not carries(name, arch)
    }
    return rest | own


def carries(name: str, arch: str) -> bool:
    """Whether a file's name is of this arch: gfx90a is not gfx90, gfx1100 not gfx110."""
    return re.search(rf"(?<![0-9a-z]){re.escape(arch)}(?![0-9a-z])", name) is not None


def _is_fallback(name: str) -> bool:
    return name.endswith("_fallback.dat")


def _looked_in(files: Mapping[str, Path], arch: str) -> dict[str, Path]:
    """The files that rocBLAS looks at: those in a folder of the arch's name, where there is one."""
    folder = f"{arch}/"
    if any(name.startswith(folder) for name in files):
        return {
            name.removeprefix(folder): path
            for name, path in files.items()
            if name.startswith(folder) and name != folder
        }
    return {name: path for name, path in files.items() if "/" not in name}


@dataclass
class _Look:
    """One look at a set of files, and what has been found wrong so far."""

    arch: str
    files: Mapping[str, Path]
    absent: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def fit(self) -> Fit:
        code = self._code()
        catalogs = kernels = 0
        for stem in self._stems():
            wanted = self._read(f"{stem}.dat", tensile.kernels)
            if wanted is None:
                continue
            catalogs += 1
            kernels += len(wanted)
            # A catalog of no arch is a fallback: its code is compiled for each arch, as source.
            own = stem if carries(stem, self.arch) else f"{stem}_{self.arch}"
            lacking = wanted - code.get(own, set())
            if lacking:
                self.gaps.append(Gap(f"{stem}.dat", tuple(sorted(lacking)), len(wanted)))
                self.absent += _unseen(own, own != stem, self.files, self.arch)
        return Fit(
            self.arch,
            catalogs,
            kernels,
            tuple(self.absent),
            tuple(self.gaps),
            tuple(self.strangers),
            tuple(self.problems),
        )

    def _code(self) -> dict[str, set[str]]:
        """The kernels in the code objects of this arch, by file name without its end."""
        code: dict[str, set[str]] = {}
        for name in sorted(self.files):
            if not name.endswith(CODE) or not carries(name, self.arch):
                continue
            if _is_of_the_other_mode(name, self.files):
                continue
            read = self._read(name, lambda data: _kernels(data, self.arch))
            if read is None:
                continue
            kernels, found = read
            if kernels is None:
                self.strangers.append(Stranger(name, found))
            else:
                code.setdefault(_stem(name), set()).update(kernels)
        helpers = f"Kernels.so-000-{self.arch}"  # what rocBLAS loads before any catalog
        if helpers not in map(_stem, self.files):
            self.absent.append(f"{helpers}{_suffix(self.files, self.arch)}.hsaco")
        return code

    def _stems(self) -> tuple[str, ...]:
        """The catalogs that the lazy catalog names."""
        name = f"TensileLibrary_lazy_{self.arch}.dat"
        lazy = self._read(name, tensile.lazy)
        if lazy is None:
            return ()
        if lazy.archs and self.arch not in lazy.archs:
            self.strangers.append(Stranger(name, ", ".join(sorted(lazy.archs))))
        if not lazy.stems:
            self.problems.append(f"{name}: names no catalog")
        return lazy.stems

    def _read(self, name: str, reader: Callable[[memoryview], T]) -> T | None:
        """What the reader makes of a file; None, with the reason kept, where it cannot."""
        if name not in self.files:
            self.absent.append(name)
            return None
        try:
            return reader(bundle.mapped(self.files[name]))
        except UnreadableError as error:
            self.problems.append(f"{name}: {error}")
            return None


def _kernels(data: memoryview, arch: str) -> tuple[set[str] | None, str]:
    """The kernels in a file for this arch; None when it has no code for it, and for what it has."""
    kernels: set[str] | None = None
    found = set()
    for image in bundle.images(data):
        code = codeobject.read(image.data)
        said = f"{code.arch}:xnack+" if code.xnack == "on" else code.arch
        # The runtime goes by the bundle's word first, and then by the code object's own.
        if image.target and bundle.arch_of(image.target) != code.arch:
            said = f"{image.target}, and holds {said}"
        if said == arch:
            kernels = (kernels or set()) | code.kernels
        found.add(said)
    return kernels, ", ".join(sorted(found))


def _unseen(own: str, fallback: bool, files: Mapping[str, Path], arch: str) -> list[str]:
    """The code object that a catalog must have, where there is none of that name."""
    ends = [f"{suffix}.hsaco" for suffix in ("", *XNACK)] if fallback else [".co"]
    if any(f"{own}{end}" in files for end in ends):
        return []
    return [f"{own}{_suffix(files, arch)}.hsaco" if fallback else f"{own}.co"]


def _stem(name: str) -> str:
    """A code object's name without its end and without its xnack suffix."""
    for end in (*CODE, *XNACK):
        name = name.removesuffix(end)
    return name


def _suffix(files: Mapping[str, Path], arch: str) -> str:
    """The xnack suffix that this set's .hsaco files carry: AMD's do, Debian's do not."""
    return "-xnack-" if any(f"{arch}-xnack-." in name for name in files) else ""


def _is_of_the_other_mode(name: str, files: Mapping[str, Path]) -> bool:
    """Whether a file is for cards with xnack on, beside one for cards with it off."""
    return "-xnack+." in name and name.replace("-xnack+.", "-xnack-.") in files


def _told(gap: Gap) -> str:
    first = gap.kernels[0]
    shown = first if len(first) <= WIDEST else f"{first[:WIDEST]}..."
    return f"{len(gap.kernels)} of {gap.of} kernels of {gap.catalog} are in no code object: {shown}"
