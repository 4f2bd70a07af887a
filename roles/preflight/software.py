"""Judging what is installed, and what is in the way of it: apt, packages, leftovers, the user."""

from __future__ import annotations

from roles.finding import Finding
from roles.preflight.state import Package, Reach, State
from roles.rocm import names
from roles.rocm.files import KEY as SOURCES_KEY
from roles.rocm.files import SOURCES

# The other settings that the look finds choose among cards, which can be what someone wants.
HARMFUL = ("HSA_OVERRIDE_GFX_VERSION", "ROCBLAS_TENSILE_LIBPATH")

PUT_RIGHT = "pyinfra INVENTORY deploy/mi50.py, which puts it right before anything else"


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
    interrupted = any("dpkg was interrupted" in line for line in state.apt_check)
    if (state.stuck or interrupted) and all(map(_is_ours, state.stuck)):
        evidence = ", ".join(one.name for one in state.stuck) or "dpkg was interrupted"
        said = "an earlier run was cut off in the middle of dpkg"
        return Finding("dpkg", "warning", said, evidence, PUT_RIGHT)
    conflict = [line for line in state.apt_check if SOURCES_KEY in line and "Conflicting" in line]
    if conflict:
        said = "a guide's or an installer's source names another key for AMD's repository"
        return Finding("dpkg", "warning", said, conflict[0], PUT_RIGHT)
    if state.dpkg_audit:
        fix = "sudo dpkg --configure -a && sudo apt-get -f install"
        evidence = " ".join(state.dpkg_audit)[:300]
        return Finding("dpkg", "stop", "dpkg has half-done packages", evidence, fix)
    if state.apt_check:
        evidence = " ".join(line.strip() for line in state.apt_check)[:300]
        if "Unmet dependencies" in evidence or "Depends:" in evidence:
            fix = "sudo apt-get -f install"
            return Finding("dpkg", "stop", "apt finds broken dependencies", evidence, fix)
        fix = "correct what it names; then: sudo apt-get check"
        return Finding("dpkg", "stop", "apt cannot work", evidence, fix)
    return Finding("dpkg", "ok", "apt and dpkg are healthy", "dpkg --audit, apt-get check")


def _is_ours(package: Package) -> bool:
    """Whether a run of ours can have left it as it is, and will put it right."""
    ours = names.is_graft_name(package.name) or package.name.startswith("amdgpu-dkms")
    return ours or names.build(package.version) is not None


def _shadows(state: State) -> Finding:
    found = [p for p in state.packages if p.installed and _is_shadow(p)]
    if not found:
        return Finding("shadows", "ok", "no distribution package shadows AMD's")
    names = " ".join(p.name for p in found)
    evidence = ", ".join(f"{p.name} {p.version}" for p in found)
    said = "packages of the distribution shadow AMD's of the same name or library"
    return Finding("shadows", "warning", said, evidence, f"sudo apt-get remove {names}")


def _is_shadow(package: Package) -> bool:
    return names.is_rocm_name(package.name) and names.build(package.version) is None


def _leftovers(state: State) -> Finding:
    """A ROCm that someone has put there by hand, and what packages have put there."""
    loose = [folder for kind, folder in state.opt if kind == "loose"]
    tool = [p.name for p in state.packages if p.installed and p.name.startswith("amdgpu-install")]
    if loose or tool:
        evidence = ", ".join([*(f"{one} (no package owns it)" for one in loose), *tool])
        moves = [f"sudo mv {one} /opt/before-regraft-{one.split('/')[-1]}" for one in loose]
        fix = " && ".join([*moves, *(f"sudo apt-get purge {one}" for one in tool)])
        return Finding("leftovers", "warning", "left over from another ROCm", evidence, fix)
    owned = [folder for kind, folder in state.opt if kind == "owned"]
    driver = [f"{p.name} {p.version}" for p in state.packages if p.installed and _is_driver(p)]
    found = ", ".join([*owned, *driver, *state.amd_sources])
    if state.amd_sources == (SOURCES,):
        return Finding("leftovers", "ok", "the only ROCm here is regraft's", found)
    if found:
        return Finding("leftovers", "note", "packages of AMD's are on this box", found)
    return Finding("leftovers", "ok", "nothing is left over from another ROCm")


def _is_driver(package: Package) -> bool:
    return package.name.startswith("amdgpu-dkms")


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
    fix = "conda init --reverse; conda itself may stay, the deploys use the system's Python"
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
        said = f"{state.user} is not in {' and '.join(lacking)}, which the cards belong to"
        evidence = f"groups: {' '.join(state.user_groups)}"
        return Finding("user", "warning", said, evidence, fix)
    return Finding("user", "ok", f"{state.user} is in render and video")


def _reach(state: State) -> list[Finding]:
    if any(one.answer == "cannot ask" for one in state.reaches):
        said = "upstreams were not asked: the box has neither curl nor wget"
        return [Finding("reach", "note", said, "command -v", "sudo apt-get install curl")]
    good = sorted({one.name for one in state.reaches if one.ok})
    bad = sorted((one for one in state.reaches if not one.ok), key=lambda one: one.url)
    findings = [_unreached(one) for one in bad]
    if good:
        findings.append(Finding("reach", "ok", "upstreams answer", ", ".join(good)))
    return findings


def _unreached(one: Reach) -> Finding:
    fix = "name a mirror: upstream_addresses in the inventory"
    if one.name == "apt-source":
        fix = "see DNS, proxy and the address in /etc/apt/sources.list.d"
    evidence = f"{one.url}: {one.answer.strip()}"
    return Finding("reach", "warning", f"{one.name} does not answer as it should", evidence, fix)
