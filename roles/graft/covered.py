"""What a box's ROCm has for a card, as its report says it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from roles.graft import answer
from roles.graft.carried import Carried
from roles.graft.libraries import TENSILE, Library, judged, known
from roles.graft.state import State
from roles.rocm.release import Release

ROW = next(one for one in known() if one.folder == TENSILE)


@dataclass(frozen=True)
class Grafted:
    """
    A graft that is in place.

    + donor: the version of what its files are from
    + kernels: how many the catalogs ask for; each was found when it was built
    """

    package: str
    version: str
    donor: str
    layout: str
    kernels: int

    def says(self) -> str:
        """For a person."""
        said = (
            f"{ROW.serves}: by a graft from rocBLAS {self.donor}, which has each of the "
            f"{self.kernels} kernels that are asked for (package {self.package})"
        )
        if self.layout == "arch-dir":
            said += ". It lies in a directory of its own; no one has confirmed that on a card"
        return said


@dataclass(frozen=True)
class Covered:
    """
    Which libraries of a release have code for a card.

    + problem: why that is not known; empty: it is
    + on_card: whether a card has computed with it: pass, fail or pending
    """

    release: str
    arch: str
    libraries: tuple[Library, ...]
    graft: Grafted | None
    problem: str
    on_card: str = "pending"


def covered(state: State, release: Release, arch: str) -> Covered:
    """From what was found when the libraries became what they are, and the graft."""
    graft, whole = _graft(state, release)
    told = state.answer
    found: tuple[Carried, ...] = ()
    if told is None or told.key != answer.key(release.prefix, state.libraries):
        problem = "the box has not kept what it found. Next: df -h /var/lib"
    else:
        found, problem = told.found, told.problem
        if not (found or problem):
            problem = f"there is no library that we know in {release.prefix}/lib"
    if graft and not found:
        found = (Carried(ROW.name, f"{release.prefix}/lib/{TENSILE}", (arch,)),)
    libraries = tuple(
        _tensile(one, graft, whole, arch) if one.name == ROW.name else judged(one, arch)
        for one in found
    )
    return Covered(release.release, arch, libraries, graft, problem)


def _graft(state: State, release: Release) -> tuple[Grafted | None, bool]:
    """The graft onto this release, and whether its files are as it has brought them."""
    for one in state.grafts():
        of = state.provenance.get(one.name)
        if of and of.prefix == release.prefix and one.status == "installed":
            found = Grafted(one.name, one.version, of.donor, of.layout, of.kernels)
            return found, one.name not in state.bad
    return None, False


def _tensile(found: Carried, graft: Grafted | None, whole: bool, arch: str) -> Library:
    """Of the folder of kernels the box tells only names; that they fit, the graft has proven."""
    library = judged(found, arch)
    if not library.has_arch:
        return library
    if graft and whole:
        return replace(library, says=graft.says())
    if graft:
        says = f"the files of {graft.package} are not as it has brought them"
    else:
        says = f"has {arch} files that someone has put there; whether they fit is not known"
    return replace(library, has_arch=False, says=f"{says}. Next: pyinfra INVENTORY deploy/graft.py")
