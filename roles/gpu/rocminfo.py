"""What rocminfo printed, good or failing, whole or cut down, read without trusting its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
MODULE = re.compile(r"ROCk module (?:version (\S+) )?is (NOT )?loaded")
FIELD = re.compile(r"\s*([A-Za-z][A-Za-z .]*):+\s*(.*)$")
AGENT_FIELDS = {"Marketing Name", "Vendor Name", "Device Type"}  # else a stray `Name:` is no agent
ISA = re.compile(r"amdgcn-|AMD:AMDGPU:")  # the second is what ROCm 1 printed
EXIT_STATUS = re.compile(r"rocminfo: exit status (\d+)")  # our own line, from probes.py
TIMED_OUT = 124  # timeout(1)
KINDS = {"CPU": "CPU", "GPU": "GPU", "DSP": "NPU", "AIE": "NPU", "NPU": "NPU"}

# In order, a cause before what follows from it: code, how the line reads, what it means, and what
# to type next.
PROBLEMS = (
    (
        "module-not-loaded",
        re.compile(r"ROCk module is NOT loaded"),
        "the amdgpu kernel module is not loaded",
        "sudo modprobe amdgpu",
    ),
    (
        "no-dev-kfd",
        re.compile(r"/dev/kfd.*No such file or directory"),
        "the driver took no card, or a container was not given the device",
        "ls -l /dev/kfd; sudo dmesg | grep kfd",
    ),
    (
        "kfd-permission",
        re.compile(r"/dev/kfd.*Permission denied|is not member of .* group"),
        "this user may not open /dev/kfd",
        "sudo usermod -a -G render,video USER, then a new login",
    ),
    (
        "kfd-unusable",
        re.compile(r"Unable to open /dev/kfd"),
        "/dev/kfd cannot be opened",
        "sudo dmesg | grep kfd",
    ),
    (
        "driver-too-old",
        re.compile(r"Incompatible kernel and userspace"),
        "the kernel driver is too old for this ROCm",
        "update the kernel or amdgpu-dkms",
    ),
    (
        "out-of-resources",
        re.compile(r"HSA_STATUS_ERROR_OUT_OF_RESOURCES"),
        "the HSA runtime could not get what it needs to start",
        "sudo dmesg | grep -e kfd -e amdgpu",
    ),
    (
        "hsa-error",
        re.compile(r"hsa api call failure|HSA_STATUS_ERROR"),
        "the HSA runtime failed",
        "sudo dmesg | grep -e kfd -e amdgpu",
    ),
    (
        "missing-library",
        re.compile(r"error while loading shared libraries"),
        "a library that rocminfo needs is missing",
        "reinstall the package that holds rocminfo",
    ),
)


@dataclass(frozen=True, slots=True)
class Problem:
    code: str  # short and stable, for programs
    text: str  # for people: what it means, the line that shows it, and what to type next


@dataclass(frozen=True, slots=True)
class Agent:
    kind: str  # "CPU", "GPU", "NPU"
    name: str
    marketing_name: str
    compute_units: int | None
    isas: tuple[str, ...]
    location: int | None  # bus and function of the PCI address, without the domain
    node: int | None  # the KFD's number


@dataclass(frozen=True, slots=True)
class Rocminfo:
    driver_loaded: bool | None  # None: the output does not say
    driver_version: str | None
    problem: Problem | None
    agents: tuple[Agent, ...]


def parse(lines: Iterable[str]) -> Rocminfo:
    clean = [COLOUR.sub("", line).rstrip() for line in lines]
    header = next((found for line in clean if (found := MODULE.search(line))), None)
    agents = tuple(_agent(fields, isas) for fields, isas in _groups(clean))
    return Rocminfo(
        driver_loaded=header[2] is None if header else None,
        driver_version=header[1] if header else None,
        problem=_problem(clean, agents),
        agents=agents,
    )


def _groups(lines: Iterable[str]) -> list[tuple[dict[str, str], list[str]]]:
    """The fields and ISAs of each agent.

    Only `Name` begins an agent, not the `Agent 1` above it, which people grep away.
    """
    groups: list[tuple[dict[str, str], list[str]]] = []
    for line in lines:
        found = FIELD.match(line)
        if not found:
            continue
        key, value = found.groups()
        if key == "Name" and not ISA.match(value):
            groups.append(({key: value}, []))
        elif groups and key == "Name":
            groups[-1][1].append(value)
        elif groups:
            groups[-1][0].setdefault(key, value)
    return [group for group in groups if AGENT_FIELDS & group[0].keys()]


def _agent(fields: dict[str, str], isas: list[str]) -> Agent:
    return Agent(
        kind=_kind(fields),
        name=fields["Name"],
        marketing_name=fields.get("Marketing Name", ""),
        compute_units=_number(fields.get("Compute Unit")),
        isas=tuple(isas),
        location=_number(fields.get("BDFID")),
        node=_number(fields.get("Internal Node ID")),
    )


def _kind(fields: dict[str, str]) -> str:
    """The device type, where it is told: rocminfo calls an NPU a DSP. Else by the name's form."""
    by_name = {"gfx": "GPU", "aie": "NPU"}.get(fields["Name"][:3], "CPU")
    return KINDS.get(fields.get("Device Type", ""), by_name)


def _number(text: str | None) -> int | None:
    found = re.match(r"\d{1,18}", text or "")
    return int(found[0]) if found else None


def _problem(lines: list[str], agents: tuple[Agent, ...]) -> Problem | None:
    for code, pattern, meaning, step in PROBLEMS:
        line = next((line.strip() for line in lines if pattern.search(line)), None)
        if line is not None:
            return Problem(code, f"{meaning}: {line} (next: {step})")
    return _ended_badly(lines) or (None if agents else _nothing(lines))


def _ended_badly(lines: list[str]) -> Problem | None:
    found = next((found for line in lines if (found := EXIT_STATUS.match(line))), None)
    status = int(found[1]) if found else 0
    if status == TIMED_OUT:
        return Problem("timeout", "rocminfo hung and was ended (next: sudo dmesg | grep amdgpu)")
    if status:
        return Problem("failed", f"rocminfo ended with status {status} (next: run it by hand)")
    return None


def _nothing(lines: list[str]) -> Problem:
    said = [line.strip() for line in lines if line.strip() and not EXIT_STATUS.match(line)]
    if not said:
        return Problem("empty", "the output is empty (next: run rocminfo by hand)")
    begins = said[0][:100]
    return Problem("no-agents", f"no HSA agent in it: {begins} (next: run rocminfo by hand)")
