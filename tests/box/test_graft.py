"""What must be true of a box that has a graft."""

from __future__ import annotations

import json
from typing import Any

import pytest

SHARE = "/usr/share/regraft/graft"


@pytest.fixture(scope="module")
def grafts(host: Any) -> list[str]:
    """The packages that carry one."""
    listed = host.check_output(f"ls {SHARE}")
    return list(listed.split())


def test_there_is_a_graft_for_the_release_that_is_chosen(host: Any, grafts: list[str]) -> None:
    prefix = host.check_output("readlink -f /opt/rocm")
    told = [json.loads(host.check_output(f"cat {SHARE}/{one}/provenance.json")) for one in grafts]
    assert prefix in [one["recipient"]["prefix"] for one in told]
    assert all(one["fit"]["kernels"] > 0 for one in told)


def test_every_grafted_file_is_as_it_was_brought(host: Any, grafts: list[str]) -> None:
    for one in grafts:
        host.check_output(f"sha256sum --check --quiet --strict {SHARE}/{one}/manifest.sha256")


def test_the_packages_own_everything_that_they_brought(host: Any, grafts: list[str]) -> None:
    for one in grafts:
        assert host.check_output(f"dpkg --verify {one}") == ""


def test_what_rocblas_looks_at_for_the_card_is_the_grafts_alone(
    host: Any, grafts: list[str]
) -> None:
    for one in grafts:
        told = json.loads(host.check_output(f"cat {SHARE}/{one}/provenance.json"))
        library = f"{told['recipient']['prefix']}/lib/rocblas/library"
        there = set(host.check_output(f"ls -d {library}/*{told['donor']['arch']}*").split())
        owned = set(host.check_output(f"dpkg-query -L {one}").split())
        linked = {f"{library}/{told['donor']['arch']}"} if told["layout"] == "arch-dir" else set()
        assert there - owned == linked


def test_the_last_run_of_apt_has_left_it_whole(host: Any, grafts: list[str]) -> None:
    for one in grafts:
        assert host.check_output(f"cat /var/lib/regraft/graft/{one}").startswith("pass ")


def test_it_is_known_what_the_libraries_carry_and_no_one_else_can_have_written_it(
    host: Any, grafts: list[str]
) -> None:
    kept = host.file("/var/lib/regraft/coverage.json")
    assert (kept.user, kept.group, kept.mode) == ("root", "root", 0o644)
    told = json.loads(host.check_output("cat /var/lib/regraft/coverage.json"))
    assert not told.get("problem")
    assert "rocBLAS" in [one["name"] for one in told["found"]]
