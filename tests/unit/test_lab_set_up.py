"""Setting a machine up for the lab: what is lacking is named, and so is the next command."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lab import machine, need, sources
from tests.lab.need import LabError
from tests.lab.places import need_space

DEBIAN = [
    ("http://mirror.example/debian", "bookworm"),
    ("http://mirror.example/debian", "bookworm-updates"),
    ("http://mirror.example/debian-security", "bookworm-security"),
    ("http://mirror.example/debian", "bookworm-backports"),
    ("https://tools.example", "nodistro"),
]
UBUNTU = [
    ("http://mirror.example/ubuntu", "noble"),
    ("http://mirror.example/ubuntu", "noble-updates"),
]


def test_a_machine_with_debians_mirrors_gets_debian_that_says_so() -> None:
    plan = sources.plan(DEBIAN)
    assert plan.said == "Debian 12 carrying Ubuntu 24.04's identity"
    assert plan.lines == (
        "deb http://mirror.example/debian bookworm main",
        "deb http://mirror.example/debian bookworm-updates main",
        "deb http://mirror.example/debian-security bookworm-security main",
    )


def test_a_machine_with_an_ubuntu_mirror_gets_ubuntu() -> None:
    plan = sources.plan([*DEBIAN, *UBUNTU])
    assert plan.said == "Ubuntu 24.04"
    assert plan.lines[0] == "deb http://mirror.example/ubuntu noble main universe"


def test_updates_without_the_release_itself_are_no_mirror() -> None:
    with pytest.raises(LabError, match=r"suites seen: noble-updates.*Next: apt-get update"):
        sources.plan(UBUNTU[1:])


def test_a_mirror_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "REGRAFT_LAB_SOURCE", "http://a.example/u noble, http://b.example/u noble-updates"
    )
    assert sources.offered() == [
        ("http://a.example/u", "noble"),
        ("http://b.example/u", "noble-updates"),
    ]


def lacking(monkeypatch: pytest.MonkeyPatch, **tools: Any) -> None:
    """A machine that lacks mmdebstrap, and has no tool but these."""
    monkeypatch.setattr(need, "NEEDS", {"lab": {"mmdebstrap": lambda: False}})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name, **_: tools.get(name))


def test_no_root_and_no_sudo_names_the_command_for_someone_who_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking(monkeypatch, **{"apt-get": "/usr/bin/apt-get"})
    expected = "missing: mmdebstrap; not root, no sudo. Next, as root: apt-get install"
    with pytest.raises(LabError, match=expected):
        need.ensure("lab")


def test_a_machine_without_apt_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch)
    with pytest.raises(LabError, match="missing: mmdebstrap, and this machine has no apt"):
        need.ensure("lab")


def test_a_machine_that_lacks_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(need, "NEEDS", {"lab": {"mmdebstrap": lambda: True}})
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("ran something"))
    need.ensure("lab")


def test_a_disk_that_is_too_full_is_said_before_it_is_filled(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"needs 1e\+09 GiB.*are free. Next: free some"):
        need_space(tmp_path, 1e9, "the image")


def test_what_was_found_out_about_kvm_is_remembered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REGRAFT_CACHE", str(tmp_path))
    machine.remember("tcg", "no guest boots")
    assert machine.candidates() == ["tcg"]
    assert machine.remembered()["why"] == "no guest boots"
