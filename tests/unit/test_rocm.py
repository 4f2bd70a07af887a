"""Deciding about ROCm, without a box: what is AMD's, what has to change, what apt must not do."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from roles.rocm import files, names, plan, simulation
from roles.rocm.release import known, load
from roles.rocm.state import Package, State
from roles.upstream.table import upstreams

OLD, NEW = load("6.4.3"), load("7.0.2")
NOBLE = "ubuntu 24.04"
ADDRESSES = {one.name: one.address for one in upstreams({})}


def package(name: str, version: str, held: bool = False) -> Package:
    return Package(name, version, installed=True, held=held)


def box(*packages: Package, **changes: object) -> State:
    state = State(
        files={},
        packages={one.name: one for one in packages},
        alternative="",
        user="me",
        user_exists=True,
        user_groups=("me",),
        system=NOBLE,
        kernel="6.8.0-60-generic",
        loaded_driver="",
        installed_driver="",
        dkms=(),
        secure_boot=False,
        interrupted=False,
    )
    return replace(state, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "build"),
    [
        ("6.4.3.60403-128~24.04", "60403-128"),
        ("1.0.0.70002-56~24.04", "70002-56"),
        ("1.3.4.20200120-3.1", None),  # mawk's date is no release of ROCm
        ("5.7.1-3build1", None),
        ("1:6.12.12.60403-2194681.24.04", None),  # the driver is another matter
        ("2.36-9+deb12u14", None),
    ],
)
def test_only_amds_builds_are_taken_for_amds(version: str, build: str | None) -> None:
    assert names.build(version) == build


def test_nothing_of_a_distribution_is_ever_removed_by_a_switch() -> None:
    others = [package("mawk", "1.3.4.20200120-3.1"), package("rocminfo", "5.7.1-3build1")]
    assert plan.packages(box(*others), NEW, "runtime", beside=False).remove == ()


def test_a_fresh_box_gets_the_profile_and_a_box_that_has_it_nothing() -> None:
    fresh = plan.packages(box(), OLD, "full", beside=False)
    assert (fresh.install, fresh.remove) == (("rocm",), ())
    there = plan.packages(box(package("rocm", "6.4.3.60403-128~24.04")), OLD, "full", beside=False)
    assert (there.install, there.remove) == ((), ())


def test_another_release_goes_whole_before_this_one_comes() -> None:
    old = [package("rocm", "6.4.3.60403-128~24.04"), package("rocblas", "4.4.1.60403-128~24.04")]
    switch = plan.packages(box(*old), NEW, "full", beside=False)
    assert (switch.remove, switch.install) == (("rocblas", "rocm"), ("rocm",))


def test_a_graft_goes_with_the_release_that_it_is_made_for() -> None:
    old = package("rocblas", "4.4.1.60403-128~24.04")
    graft = package("regraft-rocblas-gfx906", "6.4.3.3+6.4.3+0123")
    switch = plan.packages(box(old, graft), NEW, "full", beside=False)
    assert switch.remove == ("regraft-rocblas-gfx906", "rocblas")
    assert plan.packages(box(old, graft), OLD, "full", beside=False).remove == ()


def test_of_a_half_done_rocm_all_goes_and_of_a_half_done_graft_the_graft() -> None:
    rocm = package("rocm-core", "6.4.3.60403-128~24.04")
    graft = package("regraft-rocblas-gfx906", "6.4.3.3+6.4.3+0123")
    half = replace(package("rocblas", "4.4.1.60403-128~24.04"), installed=False, stuck=True)
    everything = ["regraft-rocblas-gfx906", "rocblas", "rocm-core"]
    assert plan.stuck(box(rocm, graft, half)) == everything
    assert plan.stuck(box(rocm, replace(graft, stuck=True))) == ["regraft-rocblas-gfx906"]
    foreign = replace(package("curl", "8"), stuck=True)
    assert plan.stuck(box(rocm, graft, foreign)) == []


def test_a_mixture_of_two_releases_goes_whole_since_its_parts_depend_on_each_other() -> None:
    mixed = [package("rocm", "6.4.3.60403-128~24.04"), package("rocblas", "5.0.2.70002-56~24.04")]
    todo = plan.packages(box(*mixed), OLD, "full", beside=False)
    assert (todo.remove, todo.install) == (("rocblas", "rocm"), ("rocm",))


def test_side_by_side_the_old_release_stays_and_the_new_one_has_numbered_names() -> None:
    old = [package("rocm", "6.4.3.60403-128~24.04"), package("rocblas", "4.4.1.60403-128~24.04")]
    both = plan.packages(box(*old), NEW, "full", beside=True)
    assert (both.remove, both.install) == ((), ("rocm7.0.2",))
    new = package("rocm7.0.2", "7.0.2.70002-56~24.04")
    assert plan.packages(box(*old, new), NEW, "full", beside=True).install == ()
    assert plan.packages(box(*old, new), OLD, "full", beside=True).install == ()
    alone = plan.packages(box(*old, new), NEW, "full", beside=False)
    assert (alone.remove, alone.install) == (("rocblas", "rocm"), ())


def test_the_systems_that_amd_names_get_its_suites_and_versions() -> None:
    assert "Suites: jammy\n" in files.sources(OLD, "debian 12", ADDRESSES, "KEY")[files.SOURCES]
    assert OLD.driver_for("debian 12").dkms == "1:6.12.12.60403-2194681.22.04"
    assert OLD.driver_for(NOBLE).dkms == "1:6.12.12.60403-2194681.24.04"
    assert "debian 13" in NEW.systems
    assert "debian 13" not in OLD.systems


def test_a_package_that_was_taken_away_by_hand_comes_back() -> None:
    have = [package(name, "1.0.60403-128~24.04") for name in OLD.profiles["runtime"][1:]]
    assert plan.packages(box(*have), OLD, "runtime", beside=False).install == (
        OLD.profiles["runtime"][0],
    )


def test_files_that_differ_are_put_back_and_others_left_alone() -> None:
    wanted = {"/etc/a": "one\n", "/etc/b": "two\n"}
    state = box(files={"/etc/a": sha256(b"one\n").hexdigest(), "/etc/b": "0" * 64})
    assert plan.files(state, wanted) == {"/etc/b": "two\n"}


def test_what_amds_installer_left_is_recognised() -> None:
    state = box(files={"/etc/apt/sources.list.d/rocm.list": "0" * 64, files.SOURCES: "0" * 64})
    assert plan.leftovers(state) == ["/etc/apt/sources.list.d/rocm.list"]


@pytest.mark.parametrize(
    ("choice", "cards", "kernel", "kind"),
    [
        ("auto", 1, "6.8.0-60-generic", "kernel"),
        ("auto", 4, "6.8.0-60-generic", "dkms"),
        ("auto", 4, "6.17.0-8-generic", "kernel"),
        ("auto", 4, "6.80.0", "kernel"),
        ("dkms", 1, "6.17.0-8-generic", "dkms"),
        ("none", 4, "6.8.0-60-generic", "none"),
    ],
)
def test_the_driver_is_chosen_by_setting_cards_and_kernel(
    choice: str, cards: int, kernel: str, kind: str
) -> None:
    assert plan.driver(box(kernel=kernel), OLD, choice, cards)[0] == kind


def test_a_driver_of_another_release_or_kernel_is_not_the_one() -> None:
    ours = [
        package("amdgpu-dkms", OLD.driver_for(NOBLE).dkms),
        package("amdgpu-dkms-firmware", OLD.driver_for(NOBLE).firmware),
    ]
    built = ("amdgpu/6.12.12-2194681.24.04, 6.8.0-60-generic, x86_64: installed",)
    assert plan.dkms_is_built(box(*ours, dkms=built), OLD)
    assert not plan.dkms_is_built(box(*ours, dkms=built), NEW)
    assert not plan.dkms_is_built(box(*ours, dkms=built, kernel="6.8.0-61-generic"), OLD)
    added = ("amdgpu/6.12.12-2194681.24.04: added",)
    assert not plan.dkms_is_built(box(*ours, dkms=added), OLD)


def test_a_driver_that_is_not_the_loaded_one_is_loaded_or_wants_a_reboot() -> None:
    assert plan.driver_start(box(installed_driver="new")) == "load"
    assert plan.driver_start(box(installed_driver="new", loaded_driver="old")) == "reboot"
    assert plan.driver_start(box(installed_driver="new", loaded_driver="new")) == "nothing"


def test_rocm_is_held_and_let_go_and_the_kernel_only_on_demand() -> None:
    state = box(
        package("rocblas", "4.4.1.60403-128~24.04"),
        package("rocm-core", "6.4.3.60403-128~24.04", held=True),
        package("linux-generic-hwe-24.04", "6.17"),
        package("linux-image-6.17.0-8-generic", "6.17"),
        package("curl", "8", held=True),
    )
    assert plan.holds(state, wanted=True, kernel=False) == (["rocblas"], [])
    assert plan.holds(state, wanted=True, kernel=True)[0] == ["linux-generic-hwe-24.04", "rocblas"]
    assert plan.holds(state, wanted=False, kernel=False) == ([], ["rocm-core"])


def test_root_needs_no_group_and_others_both() -> None:
    assert plan.groups(box(user="root")) == []
    assert plan.groups(box(user_groups=("me", "video"))) == ["render"]


STEPS = """\
Reading package lists...
Inst rocm-core (6.4.3.60403-128~24.04 repo.radeon.com:6.4.3/noble [amd64])
Inst libelf1 [0.187-2] (0.188-2.1 Debian:12.11/stable [amd64])
Conf rocm-core (6.4.3.60403-128~24.04 repo.radeon.com:6.4.3/noble [amd64])
archives 1828
disk 7340032
free 1000000000
""".splitlines()


def test_an_orderly_install_has_nothing_against_it() -> None:
    would = simulation.read(STEPS)
    assert [one.name for one in would.installs] == ["rocm-core", "libelf1"]
    assert (would.archives, would.disk, would.free) == (1828, 7340032, 10**9)
    assert simulation.objections(would, OLD, NOBLE) == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("Remv postgresql [15+248]", "postgresql"),
        ("Inst rocminfo (5.7.1-3build1 Ubuntu:24.04/noble [amd64])", "rocminfo 5.7.1-3build1"),
        ("Inst hipcc (1.1.1.70002-56~24.04 repo.radeon.com:7.0.2/noble [amd64])", "hipcc"),
        ("Inst rocblas (4.4.1.60403-128~24.04 [amd64])", "rocblas"),
        ("Inst amdgpu-dkms (1:6.14.14.30100200-2226257.24.04 repo.radeon.com:1)", "amdgpu-dkms"),
        ("E: Unable to locate package rocm-hip-runtime", "Unable to locate"),
        (" rocm : Depends: rocm-core (= 6) but 7 is to be installed", "Depends"),
    ],
)
def test_what_apt_must_not_do_is_objected_to_by_name(line: str, word: str) -> None:
    (against,) = simulation.objections(simulation.read([*STEPS, line]), OLD, NOBLE)
    assert word in against


def test_a_downgrade_is_objected_to_except_for_the_firmware_that_lost_its_epoch() -> None:
    head = "The following packages will be DOWNGRADED:"
    firmware = simulation.read([head, "  amdgpu-dkms-firmware", *STEPS])
    assert simulation.objections(firmware, OLD, NOBLE) == []
    (against,) = simulation.objections(simulation.read([head, "  libc6 curl", *STEPS]), OLD, NOBLE)
    assert against == "it would downgrade: libc6, curl"


def test_an_install_that_does_not_fit_says_both_figures() -> None:
    step = "Inst rocm (1.60403-128~24.04 repo.radeon.com:6 [amd64])"
    would = simulation.read([step, "disk 22200000000", "free 5000000000"])
    (against,) = simulation.objections(would, OLD, NOBLE)
    assert "22.2 GB" in against
    assert "5.0 GB" in against


def test_amds_own_packages_may_go() -> None:
    would = simulation.read([*STEPS, "Remv rocblas [4.4.1.60403-128~24.04]"])
    assert simulation.objections(would, OLD, NOBLE) == []


@pytest.mark.parametrize("name", known())
def test_a_release_has_all_that_the_role_asks_of_it(name: str) -> None:
    release = load(name)
    assert release.release == name
    assert release.prefix == f"/opt/rocm-{name}"
    assert {one.upstream for one in release.repository} <= ADDRESSES.keys()
    assert set(release.profiles) == {"runtime", "full"}
    assert release.has_built(f"1.2.3.{release.build}~24.04")
    assert NOBLE in release.systems
    assert {"rocm-core", "rocblas"} <= release.versions.keys()


def test_sources_name_the_key_and_the_pin_names_the_firmware() -> None:
    written = files.sources(NEW, NOBLE, ADDRESSES, "KEY")
    assert written[files.KEY] == "KEY"
    assert written[files.SOURCES].count("Signed-By: /etc/apt/keyrings/regraft-amd.asc") == 3
    assert "Pin: release o=repo.radeon.com\nPin-Priority: 600" in written[files.PIN]
    assert (
        f"Pin: version {NEW.driver_for(NOBLE).firmware}\nPin-Priority: 1001" in written[files.PIN]
    )
    assert "/home" not in "".join(files.settings(NEW))
