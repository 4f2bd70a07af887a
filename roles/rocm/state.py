"""What a box has of ROCm, told apart from what its tools printed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from roles.look.shell import sections
from roles.rocm import names

STUCK = ("half-installed", "unpacked", "half-configured")


@dataclass(frozen=True)
class Package:
    """
    A package that dpkg has, if only its configuration.

    + held: apt is to leave it
    + stuck: dpkg has begun with it and not come to an end
    """

    name: str
    version: str
    installed: bool
    held: bool
    stuck: bool = False

    @property
    def is_amds(self) -> bool:
        """Whether AMD has built it as a part of ROCm; the driver is another matter."""
        return names.build(self.version) is not None and not self.is_driver

    @property
    def is_driver(self) -> bool:
        return self.name.startswith("amdgpu-")

    @property
    def is_graft(self) -> bool:
        return names.is_graft_name(self.name)


@dataclass(frozen=True)
class State:
    """A box, as the role rocm sees it."""

    files: Mapping[str, str]  # path: sha256
    packages: Mapping[str, Package]
    alternative: str  # what /opt/rocm is set to, by update-alternatives
    user: str
    user_exists: bool
    user_groups: tuple[str, ...]
    system: str  # as os-release has it: ubuntu 24.04
    kernel: str
    loaded_driver: str  # its srcversion; empty: none is loaded, or it does not say
    installed_driver: str
    dkms: tuple[str, ...]
    secure_boot: bool
    interrupted: bool  # dpkg has been, and apt does not work until it has ended; or we

    def amds(self) -> list[Package]:
        """AMD's packages that are installed."""
        return [one for one in self.packages.values() if one.installed and one.is_amds]

    def version(self, name: str) -> str | None:
        """Of an installed package."""
        package = self.packages.get(name)
        return package.version if package and package.installed else None


def state(lines: Iterable[str]) -> State:
    """Read the answers to the role's probes."""
    said = sections(lines)
    driver = _driver(said["driver"])
    account, *groups = said["account"] or [""]
    user, *fields = account.split(":")
    return State(
        files={path: digest for digest, path in (line.split(None, 1) for line in said["files"])},
        packages={one.name: one for one in map(_package, said["packages"]) if one},
        alternative=_after(said["alternative"], "Value: "),
        user=user,
        user_exists=bool(fields),
        user_groups=tuple(groups[0].split()) if groups and fields else (),
        system=next(iter(said["system"]), ""),
        kernel=driver.get("kernel", ""),
        loaded_driver=driver.get("loaded", ""),
        installed_driver=driver.get("installed", ""),
        dkms=tuple(line[5:] for line in said["driver"] if line.startswith("dkms ")),
        secure_boot=driver.get("secureboot") == "1",
        interrupted=bool(said["interrupted"]),
    )


def _driver(body: list[str]) -> dict[str, str]:
    pairs = (line.partition(" ") for line in body)
    return {key: value.strip() for key, _, value in pairs}


def _package(line: str) -> Package | None:
    fields = line.split("\t")
    if len(fields) != 4:
        return None
    want, status, name, version = fields
    return Package(
        name,
        version,
        installed=status in ("installed", "triggers-pending", "triggers-awaited"),
        held=want == "hold",
        stuck=status in STUCK,
    )


def _after(body: list[str], word: str) -> str:
    return next((line.removeprefix(word) for line in body if line.startswith(word)), "")
