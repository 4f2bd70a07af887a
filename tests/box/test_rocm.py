"""What must be true of a box that has ROCm, whichever release."""

from __future__ import annotations

import re
from typing import Any

AMDS = re.compile(r"^(\S+) \S*\.(\d{5,6}-\d+)~\d\d\.04$")


def amds_packages(host: Any) -> dict[str, str]:
    """AMD's packages that are installed: name and build."""
    listed = host.check_output(r"dpkg-query -W -f '${Package} ${Version}\n'")
    return {found[1]: found[2] for line in listed.splitlines() if (found := AMDS.match(line))}


def test_rocm_is_installed_and_of_one_release(host: Any) -> None:
    packages = amds_packages(host)
    assert {"rocm-core", "rocblas", "rocminfo"} <= packages.keys()
    assert len(set(packages.values())) == 1


def test_opt_rocm_is_the_release_that_is_installed(host: Any) -> None:
    release = host.check_output("dpkg-query -W -f '${Version}' rocm-core").split(".")[:3]
    assert host.check_output("readlink -f /opt/rocm") == f"/opt/rocm-{'.'.join(release)}"


def test_rocminfo_lists_a_gfx906_card(host: Any) -> None:
    assert "gfx906" in host.check_output("/opt/rocm/bin/rocminfo")


def test_no_package_of_the_distribution_has_taken_the_place_of_amds(host: Any) -> None:
    for name in ("rocminfo", "rocblas", "hipblas"):
        assert name in amds_packages(host)


def test_apt_finds_nothing_broken(host: Any) -> None:
    assert host.run("apt-get -qq check -o Debug::NoLocking=1").succeeded
