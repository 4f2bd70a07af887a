"""Which distribution the lab box gets, and from where: read from this machine's own apt sources."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from .need import LabError


@dataclass(frozen=True)
class Distribution:
    """A root filesystem that can be built: what is told apart is data, nothing else."""

    name: str
    suite: str
    components: str
    kernel: str  # package of the guest's kernel
    headers: str  # package of its headers, for building the stand-in card
    python: str  # version of its python3
    pretends: bool  # carries Ubuntu 24.04's identity without being it


UBUNTU = Distribution(
    name="Ubuntu 24.04",
    suite="noble",
    components="main universe",
    kernel="linux-image-virtual",
    headers="linux-headers-virtual",
    python="3.12",
    pretends=False,
)
DEBIAN = Distribution(
    name="Debian 12",
    suite="bookworm",
    components="main",
    kernel="linux-image-cloud-amd64",
    headers="linux-headers-cloud-amd64",
    python="3.11",
    pretends=True,
)


@dataclass(frozen=True)
class Plan:
    """What will be built: a distribution, and the apt lines that it comes from."""

    distribution: Distribution
    lines: tuple[str, ...]

    @property
    def said(self) -> str:
        """In words, for the report."""
        of = self.distribution
        return f"{of.name} carrying Ubuntu 24.04's identity" if of.pretends else of.name


def plan(offers: list[tuple[str, str]] | None = None) -> Plan:
    """Ubuntu where the machine has a mirror of it, else Debian.

    + offers: pairs of address and suite, as `offered` finds them
    """
    offers = offered() if offers is None else offers
    for distribution in (UBUNTU, DEBIAN):
        lines = tuple(
            f"deb {address} {suite} {distribution.components}"
            for address, suite in offers
            if suite.split("-")[0] == distribution.suite and not suite.endswith("-backports")
        )
        if any(line.split()[2] == distribution.suite for line in lines):
            return Plan(distribution, lines)
    found = ", ".join(sorted({suite for _, suite in offers})) or "none"
    raise LabError(
        "no apt source of this machine has Ubuntu noble or Debian bookworm "
        f"(suites seen: {found}). Next: apt-get update; "
        "or name one: REGRAFT_LAB_SOURCE='ADDRESS SUITE' make lab"
    )


def offered() -> list[tuple[str, str]]:
    """Pairs of address and suite that this machine's apt uses, in its order.

    REGRAFT_LAB_SOURCE="ADDRESS SUITE[, ADDRESS SUITE...]" puts others in their place.
    """
    named = os.environ.get("REGRAFT_LAB_SOURCE")
    if named:
        words = [pair.split() for pair in named.split(",")]
        return [(pair[0], pair[1]) for pair in words if len(pair) == 2]
    # apt itself reads its sources best: both formats, every folder, comments, options
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    pairs = [(line.split()[0], line.split()[1]) for line in listed.splitlines() if " " in line]
    return list(dict.fromkeys(pairs))  # one line per component says the same pair again


def apt_options() -> list[str]:
    """How this machine's apt reaches its mirrors (proxies, stale mirrors), for the build."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    kept = ("Acquire::http", "Acquire::https", "Acquire::Check-Valid-Until", "Acquire::Check-Date")
    return [line for line in dump.stdout.splitlines() if line.startswith(kept) and '""' not in line]
