"""Judging what is installed, and what is in the way of it: apt, packages, leftovers, the user."""

from __future__ import annotations

import re

from roles.finding import Finding
from roles.preflight.state import Package, State

# AMD's builds end in release and build number, such as 1.0.0.60403-128~24.04
AMD_BUILD = re.compile(r"\.\d{5,8}-\d+")
LOOKS_LIKE_AMD = re.compile(r"^(roc|hip|libhip|libroc|libamdhip|libhsa|librccl|miopen|amd-smi)")

# The other settings that the look finds choose among cards, which can be what someone wants.
HARMFUL = ("HSA_OVERRIDE_GFX_VERSION", "ROCBLAS_TENSILE_LIBPATH")


def judge(state: State) -> list[Finding]:
    """Everything in this module."""
    return [
        *_locks(state),
        _dpkg(state),
        _shadows(state),
        _leftovers(state),
        *_environment(state),
        *_conda(state),
        _user(state),
        *_reach(state),
    ]


def _locks(state: State) -> list[Finding]:
    return [
        Finding(
            "apt-lock",
            "stop",
            "another program holds the package lock",
            f"{lock.file}: process {lock.pid}, {lock.command}",
            f"let it end, then run again: tail --pid={lock.pid} -f /dev/null",
        )
        for lock in state.locks[:1]  # the others are the same program's
    ]


def _dpkg(state: State) -> Finding:
    if state.dpkg_audit:
        fix = "sudo dpkg --configure -a && sudo apt-get -f install"
        evidence = " ".join(state.dpkg_audit)[:300]
        return Finding("dpkg", "stop", "dpkg has half-done packages", evidence, fix)
    if state.apt_check:
        evidence = " ".join(line.strip() for line in state.apt_check)[:300]
        fix = "sudo apt-get -f install"
        return Finding("dpkg", "stop", "apt finds broken dependencies", evidence, fix)
    return Finding("dpkg", "ok", "apt and dpkg are healthy", "dpkg --audit, apt-get check")


def _shadows(state: State) -> Finding:
    found = [p for p in state.packages if p.installed and _is_shadow(p)]
    if not found:
        return Finding("shadows", "ok", "no distribution package shadows AMD's")
    names = " ".join(p.name for p in found)
    evidence = ", ".join(f"{p.name} {p.version}" for p in found)
    said = "packages of the distribution shadow AMD's of the same name or library"
    return Finding("shadows", "warning", said, evidence, f"sudo apt-get remove {names}")


def _is_shadow(package: Package) -> bool:
    return bool(LOOKS_LIKE_AMD.match(package.name)) and not AMD_BUILD.search(package.version)


def _leftovers(state: State) -> Finding:
    loose = [folder for kind, folder in state.opt if kind == "loose"]
    tool = [p.name for p in state.packages if p.installed and p.name.startswith("amdgpu-install")]
    evidence = ", ".join([*(f"{one} (no package owns it)" for one in loose), *tool])
    if evidence:
        fix = " && ".join(
            [f"sudo mv {one} {one}.before-regraft" for one in loose]
            + [f"sudo apt-get purge {one}" for one in tool]
        )
        return Finding("leftovers", "warning", "left over from another ROCm", evidence, fix)
    owned = [folder for kind, folder in state.opt if kind == "owned"]
    said = "nothing is left over from another ROCm"
    return Finding("leftovers", "ok", said, ", ".join([*owned, *state.amd_sources]))


def _environment(state: State) -> list[Finding]:
    lines = [line for line in state.environment if "conda initialize" not in line]
    if not lines:
        return [Finding("environment", "ok", "no environment setting misleads ROCm")]
    return [_setting(line) for line in lines]


def _setting(line: str) -> Finding:
    fix = "take the line out; a program that needs it gets it in its own unit or script"
    if any(name in line for name in HARMFUL):
        said = "an environment setting misleads ROCm, in every program"
        return Finding("environment", "warning", said, line, fix)
    said = "an environment setting hides cards from every program"
    return Finding("environment", "note", said, line, fix)


def _conda(state: State) -> list[Finding]:
    starts = [line for line in state.environment if "conda initialize" in line]
    if not starts and not state.conda:
        return [Finding("conda", "ok", "no conda in the way")]
    evidence = "; ".join([*state.conda, *starts])
    said = "conda is on this box: its Python brings libraries that ROCm's do not get along with"
    fix = "conda config --set auto_activate_base false; the deploys use the system's Python"
    return [Finding("conda", "warning" if starts else "note", said, evidence, fix)]


def _user(state: State) -> Finding:
    if not state.user_exists:
        fix = f"sudo adduser {state.user}; or name another: gpu_user in the inventory"
        said = f"there is no account {state.user}"
        return Finding("user", "warning", said, "getent passwd", fix)
    if state.user == "root":
        return Finding("user", "ok", "root will use the cards", "root may open /dev/kfd")
    lacking = [name for name in ("render", "video") if name not in state.user_groups]
    if lacking:
        fix = f"sudo usermod -aG {','.join(lacking)} {state.user}, then log in anew"
        said = f"{state.user} is not in {' and '.join(lacking)}, and cannot open the cards"
        evidence = f"groups: {' '.join(state.user_groups)}"
        return Finding("user", "warning", said, evidence, fix)
    return Finding("user", "ok", f"{state.user} is in render and video")


def _reach(state: State) -> list[Finding]:
    bad = [one for one in state.reaches if not one.ok]
    good = sorted({one.name for one in state.reaches if one.ok})
    findings = [
        Finding(
            "reach",
            "warning",
            f"{one.name} does not answer as it should",
            f"{one.url}: {one.answer.strip()}",
            "name a mirror: upstream_addresses in the inventory"
            if one.name != "apt-source"
            else "see DNS, proxy and the address in /etc/apt/sources.list.d",
        )
        for one in sorted(bad, key=lambda one: one.url)
    ]
    if good:
        findings.append(Finding("reach", "ok", "upstreams answer", ", ".join(good)))
    return findings
