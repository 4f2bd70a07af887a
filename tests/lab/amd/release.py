"""What a repository holds, read from a file in releases/.

A file says where the repository lies (`path`), what its Release says of it, for which `archs` its
libraries are built, and its packages:

+ version: without the repository's `suffix`
+ needs: packages of the same repository, in exactly the version that it has of them
+ depends: as Debian writes it
+ libraries: shared libraries by name and number; the release's number is appended
+ device: how code for the archs lies in the libraries: plain or compressed; else there is none
+ content: a folder in files/ or a program (contents.py); `values` are what these say @NAME@ for
+ twins: every package is also there under its name with this appended, as AMD has them for several
  releases side by side; both names hold the same files
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

RELEASES = Path(__file__).resolve().parent / "releases"
NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # the name at the start of a dependency


@dataclass(frozen=True, kw_only=True)
class Package:
    name: str
    version: str
    base: str = ""  # the name without a twin's number
    architecture: str = "amd64"
    needs: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    device: str = ""
    content: str = ""

    @property
    def file(self) -> str:
        """Its path below the repository."""
        version = self.version.rpartition(":")[2]  # an epoch is in no file's name
        first = self.name[:4] if self.name.startswith("lib") else self.name[0]
        return f"{first}/{self.name}/{self.name}_{version}_{self.architecture}.deb"

    def control(self, installed_kib: int) -> dict[str, str]:
        """The fields of its control file."""
        fields = {
            "Package": self.name,
            "Version": self.version,
            "Architecture": self.architecture,
            "Maintainer": "regraft lab <lab@regraft.invalid>",
            "Installed-Size": str(installed_kib),
            "Depends": ", ".join(self.depends),
            "Section": "devel",
            "Priority": "optional",
            "Description": f"regraft lab: stand-in for {self.base}",
        }
        return {name: text for name, text in fields.items() if text}


@dataclass(frozen=True, kw_only=True)
class Tensile:
    """Which Debian package has the library directory that is nearest to this release's."""

    suite: str
    pattern: str

    @property
    def name(self) -> str:
        """For the folder that its files are kept in: experimental-librocblas5."""
        package = NAME.match(self.pattern)
        return f"{self.suite}-{package[0] if package else self.pattern}"


@dataclass(frozen=True, kw_only=True)
class Repository:
    path: str
    description: str
    version: str
    date: datetime
    package: tuple[Package, ...]
    origin: str = "repo.radeon.com"
    component: str = "main"
    architectures: tuple[str, ...] = ("amd64",)
    values: Mapping[str, str] = field(default_factory=dict)
    tensile: Tensile | None = None
    archs: tuple[str, ...] = ()

    def named(self, name: str) -> Package:
        return next(package for package in self.package if package.name == name)


def repositories() -> list[Repository]:
    """All of them, by their files' names."""
    return [read(path) for path in sorted(RELEASES.glob("*.toml"))]


def read(path: Path) -> Repository:
    said = tomllib.loads(path.read_text())
    suffix, twins = said.pop("suffix", ""), said.pop("twins", "")
    packages = {name: _package(name, suffix, entry) for name, entry in said.pop("package").items()}
    tensile = said.pop("tensile", None)
    everything = [_resolved(package, packages) for package in packages.values()]
    if twins:
        everything += list(_twins(everything, twins, packages))
    return Repository(
        package=tuple(everything),
        architectures=tuple(said.pop("architectures", ("amd64",))),
        tensile=Tensile(**tensile) if tensile else None,
        archs=tuple(said.pop("archs", ())),
        **said,
    )


def _package(name: str, suffix: str, entry: dict[str, Any]) -> Package:
    version = entry.pop("version") + suffix
    said: dict[str, Any] = {
        key: tuple(text) if isinstance(text, list) else text for key, text in entry.items()
    }
    return Package(name=name, base=name, version=version, **said)


def _resolved(package: Package, packages: Mapping[str, Package]) -> Package:
    exact = tuple(f"{name} (= {packages[name].version})" for name in package.needs)
    return replace(package, depends=exact + package.depends)


def _twins(
    everything: list[Package], number: str, packages: Mapping[str, Package]
) -> Iterator[Package]:
    def renamed(dependency: str) -> str:
        found = NAME.match(dependency)
        name = found[0] if found else ""
        return dependency.replace(name, name + number, 1) if name in packages else dependency

    for package in everything:
        depends = tuple(renamed(one) for one in package.depends)
        yield replace(package, name=package.name + number, depends=depends)
