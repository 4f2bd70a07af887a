"""The files that this role owns on a box, whole: path and content. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from roles.rocm.release import Release

KEY = "/etc/apt/keyrings/regraft-amd.asc"
SOURCES = "/etc/apt/sources.list.d/regraft-amd.sources"
PIN = "/etc/apt/preferences.d/regraft-amd"
SHELLS = "/etc/profile.d/regraft-rocm.sh"
LINKER = "/etc/ld.so.conf.d/regraft-rocm.conf"
UDEV = "/etc/udev/rules.d/70-regraft-amdgpu.rules"
STAGE = "/var/lib/regraft/apt"  # while sources are tried; beside apt's lists: links cost nothing
OWN = (KEY, SOURCES, PIN, SHELLS, LINKER, UDEV)

# What guides and AMD's installer leave behind: two sources for one repository make apt refuse both.
LEFTOVERS = (
    "/etc/apt/sources.list.d/rocm.list",
    "/etc/apt/sources.list.d/amdgpu.list",
    "/etc/apt/sources.list.d/amdgpu-proprietary.list",
    "/etc/apt/preferences.d/rocm-pin-600",
    "/etc/apt/preferences.d/repo-radeon-pin-600",
)


def sources(
    release: Release, system: str, addresses: Mapping[str, str], key: str
) -> dict[str, str]:
    """
    What apt has to know of AMD.

    + system: one that the release is built for + addresses: by the name of the upstream
    """
    stanzas = [
        "\n".join(
            [
                "Types: deb",
                f"URIs: {addresses[one.upstream].rstrip('/')}/{one.path}",
                f"Suites: {release.systems[system].suite}",
                "Components: main",
                "Architectures: amd64",
                f"Signed-By: {KEY}",
            ]
        )
        for one in release.repository
    ]
    firmware = f"Pin: version {release.driver_for(system).firmware}"
    pin = [
        # Ubuntu's rocminfo, hipcc and others are newer by number, and useless beside AMD's
        f"Package: *\nPin: release o={release.origin}\nPin-Priority: 600",
        # Above 1000 apt goes back to it: this package has lost its epoch on the way to 7.0
        f"Package: amdgpu-dkms-firmware\n{firmware}\nPin-Priority: 1001",
    ]
    return {KEY: key, SOURCES: _text(stanzas), PIN: _text(pin)}


def settings(release: Release) -> dict[str, str]:
    """What programs and devices have to know of ROCm."""
    return {
        SHELLS: (
            f"# Written by regraft: ROCm {release.release}\n"
            f"export ROCM_PATH={release.prefix}\n"
            'case ":$PATH:" in *:/opt/rocm/bin:*) ;; *) PATH="$PATH:/opt/rocm/bin" ;; esac\n'
        ),
        LINKER: f"{release.prefix}/lib\n",
        UDEV: (
            "# Written by regraft: who is in the group render may compute\n"
            'KERNEL=="kfd", GROUP="render", MODE="0660"\n'
            'SUBSYSTEM=="drm", KERNEL=="renderD*", GROUP="render", MODE="0660"\n'
        ),
    }


def _text(stanzas: list[str]) -> str:
    return "# Written by regraft; it is put back when changed\n" + "\n\n".join(stanzas) + "\n"
