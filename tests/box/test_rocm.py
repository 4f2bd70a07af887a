"""What must be true of a box that has ROCm, whichever release, and however many."""

from __future__ import annotations

from typing import Any

import pytest

from roles.rocm import names
from roles.rocm.release import Release, load


@pytest.fixture(scope="module")
def installed(host: Any) -> dict[str, str]:
    """AMD's packages on the box: name and version."""
    listed = host.check_output(r"dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n'")
    fields = [line.split() for line in listed.splitlines()]
    return {row[1]: row[2] for row in fields if row[0] == "installed" and names.build(row[2])}


@pytest.fixture(scope="module")
def release(host: Any) -> Release:
    """The one that /opt/rocm is."""
    return load(host.check_output("readlink -f /opt/rocm").removeprefix("/opt/rocm-"))


def test_opt_rocm_is_a_release_that_is_installed_in_the_versions_of_its_table(
    installed: dict[str, str], release: Release
) -> None:
    ours = {name: version for name, version in installed.items() if release.has_built(version)}
    plain = {name.removesuffix(release.release): version for name, version in ours.items()}
    assert {"rocm-core", "rocblas", "rocminfo"} <= plain.keys()
    for name in release.versions.keys() & plain.keys():
        assert plain[name].startswith(f"{release.versions[name]}.{release.build}~"), name


def test_no_release_is_there_in_part_or_twice(installed: dict[str, str]) -> None:
    cores = [name for name in installed if name.startswith("rocm-core")]
    builds = [names.build(installed[name]) for name in cores]
    assert sorted(map(str, builds)) == sorted({str(names.build(one)) for one in installed.values()})


def test_rocminfo_lists_a_gfx906_card(host: Any) -> None:
    assert "gfx906" in host.check_output("/opt/rocm/bin/rocminfo")


def test_no_package_of_the_distribution_has_taken_the_place_of_amds(host: Any) -> None:
    listed = host.check_output(r"dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n'")
    fields = [line.split() for line in listed.splitlines()]
    foreign = [
        row[1]
        for row in fields
        if row[0] == "installed"
        and row[1].startswith(("rocminfo", "rocblas", "hipblas", "hipcc"))
        and not names.build(row[2])
    ]
    assert foreign == []


def test_apt_finds_nothing_broken(host: Any) -> None:
    assert host.run("apt-get -qq check -o Debug::NoLocking=1").succeeded
