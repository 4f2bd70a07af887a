"""The lab's AMD without a box: its data, its packages, its signed index, its programs."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roles.gpu import rocminfo
from roles.graft import fit
from roles.graft.coverage import coverage
from tests.lab import card
from tests.lab.amd import deb, tensile
from tests.lab.amd.contents import FILES, PROGRAMS, contents, program
from tests.lab.amd.elf import shared_library
from tests.lab.amd.keys import OTHER, Keys, keys
from tests.lab.amd.release import RELEASES, Package, Repository, read, repositories
from tests.lab.amd.repository import publish
from tests.lab.need import LabError

MI50 = "0010:03:00.0"


def rocm(release: str) -> Repository:
    return read(RELEASES / f"rocm-{release}.toml")


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys(tmp_path_factory.mktemp("k"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, signing: Keys) -> Path:
    """A repository with two packages of 6.4.3: building all of them is for the lab's tests."""
    root = tmp_path_factory.mktemp("tree")
    whole = rocm("6.4.3")
    few = replace(whole, package=(whole.named("rocm-core"), whole.named("rocblas")))
    publish(few, lambda package: contents(few, package, None), signing, root)
    return root / few.path


@pytest.mark.parametrize(
    ("release", "package", "version"),
    [
        ("6.4.3", "rocm", "6.4.3.60403-128~24.04"),
        ("6.4.3", "rocblas", "4.4.1.60403-128~24.04"),
        ("6.4.3", "rocblas6.4.3", "4.4.1.60403-128~24.04"),
        ("6.4.3", "hip-runtime-amd", "6.4.43484.60403-128~24.04"),
        ("7.0.2", "rocm", "7.0.2.70002-56~24.04"),
        ("7.0.2", "rocblas", "5.0.2.70002-56~24.04"),
        ("7.0.2", "rocminfo", "1.0.0.70002-56~24.04"),
    ],
)
def test_packages_have_amds_versions(release: str, package: str, version: str) -> None:
    assert rocm(release).named(package).version == version


def test_the_firmware_lost_its_epoch_so_that_the_older_one_counts_as_newer() -> None:
    old, new = (
        read(RELEASES / f"amdgpu-{release}.toml").named("amdgpu-dkms-firmware").version
        for release in ("6.4.3", "30.10.2")
    )
    assert old == "1:6.12.12.60403-2194681.24.04"
    assert new == "30.10.2.0.30100200-2226257.24.04"
    assert subprocess.run(["dpkg", "--compare-versions", old, "gt", new]).returncode == 0


@pytest.mark.parametrize("repository", repositories(), ids=lambda one: one.path)
def test_every_exact_dependency_is_in_the_same_repository(repository: Repository) -> None:
    offered = {f"{one.name} (= {one.version})" for one in repository.package}
    exact = {name for one in repository.package for name in one.depends if "(= " in name}
    assert exact <= offered


def test_metapackages_depend_on_the_exact_version_and_libraries_do_not() -> None:
    repository = rocm("6.4.3")
    assert "rocm-openmp-sdk (= 6.4.3.60403-128~24.04)" in repository.named("rocm").depends
    assert "rocm-core" in repository.named("rocblas").depends


def test_a_twin_depends_on_twins_and_on_what_the_distribution_has() -> None:
    twin = rocm("7.0.2").named("rocm-hip-runtime7.0.2")
    assert "rocminfo7.0.2 (= 1.0.0.70002-56~24.04)" in twin.depends
    assert {"kmod", "hsa-rocr7.0.2"} <= set(rocm("7.0.2").named("rocminfo7.0.2").depends)


def test_ubuntus_packages_shadow_amds() -> None:
    ubuntu = read(RELEASES / "ubuntu.toml")
    assert (ubuntu.origin, ubuntu.component) == ("Ubuntu", "universe")
    for name in ("rocminfo", "hipcc", "rocm-cmake"):
        versions = (ubuntu.named(name).version, "gt", rocm("7.0.2").named(name).version)
        assert subprocess.run(["dpkg", "--compare-versions", *versions]).returncode == 0


def test_a_package_is_the_same_bytes_again(tmp_path: Path) -> None:
    package = Package(name="one", base="one", version="1", depends=("libc6",))
    inside = deb.Contents({"opt/one": b"1"}, {"opt/two": "one"}, {"postinst": b"#!/bin/sh\n"})
    made = []
    for name in ("first.deb", "second.deb"):
        deb.build(package, inside, datetime(2025, 8, 7, tzinfo=UTC), tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    listed = subprocess.run(
        ["dpkg-deb", "--contents", str(tmp_path / "first.deb")], capture_output=True, text=True
    ).stdout
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}


def test_the_index_says_what_lies_in_the_pool(published: Path) -> None:
    index = (published / "dists/noble/main/binary-amd64/Packages").read_text()
    stanzas = [
        dict(line.split(": ", 1) for line in stanza.splitlines())
        for stanza in index.strip().split("\n\n")
    ]
    assert [one["Package"] for one in stanzas] == ["rocm-core", "rocblas"]
    assert stanzas[1]["Filename"] == "pool/main/r/rocblas/rocblas_4.4.1.60403-128~24.04_amd64.deb"
    for one in stanzas:
        content = (published / one["Filename"]).read_bytes()
        assert one["Size"] == str(len(content))
        assert one["SHA256"] == hashlib.sha256(content).hexdigest()


def test_the_release_file_has_amds_origin_and_the_indices_sums(published: Path) -> None:
    release = (published / "dists/noble/Release").read_text()
    assert release.startswith("Origin: repo.radeon.com\nLabel: repo.radeon.com\nSuite: noble\n")
    for name in ("Packages", "Packages.gz"):
        content = (published / f"dists/noble/main/binary-amd64/{name}").read_bytes()
        row = f" {hashlib.sha256(content).hexdigest()} {len(content)} main/binary-amd64/{name}\n"
        assert row in release


def test_signatures_hold_and_another_keys_do_not(
    published: Path, signing: Keys, tmp_path: Path
) -> None:
    dearmor = ["gpg", "--homedir", str(tmp_path), "--dearmor", "--yes", "--output"]
    for key, good in ((signing.public, True), (signing.other, False)):
        ring = tmp_path / "ring.gpg"
        subprocess.run([*dearmor, str(ring)], input=key.encode(), check=True, capture_output=True)
        verify = ["gpgv", "--keyring", str(ring), str(published / "dists/noble/InRelease")]
        assert (subprocess.run(verify, capture_output=True).returncode == 0) is good


def test_the_keys_are_this_users_alone_and_two(signing: Keys) -> None:
    assert signing.home.stat().st_mode & 0o077 == 0
    assert signing.fingerprint != signing.other_fingerprint
    assert re.fullmatch(r"[0-9A-F]{40}", signing.fingerprint)
    assert signing.signed(b"text", by=OTHER)[0].startswith(b"-----BEGIN PGP SIGNED MESSAGE")


@pytest.mark.parametrize(
    ("release", "score"), [("6.4.3", 647_000_000), ("7.0.2", 786_000_000), ("7.1.1", 799_000_000)]
)
def test_the_highest_release_has_the_highest_score(
    release: str, score: int, tmp_path: Path
) -> None:
    """The script's own arithmetic, by the shell that will do it; minutes since 2020 come on top."""
    script = (FILES / "rocm-core" / "postinst").read_text().replace("@RELEASE@", release)
    start, end = script.index("IFS="), script.index("update-alternatives")
    asked = script[start:end] + "echo $score $minutes"
    told = subprocess.run(["bash", "-c", asked], capture_output=True, text=True).stdout.split()
    assert int(told[0]) - int(told[1]) == score
    assert int(told[1]) == pytest.approx((time.time() - 1_600_000_000) / 60, abs=2)


def test_a_stand_in_library_has_its_name(tmp_path: Path) -> None:
    content = shared_library("librocblas.so.4", "a note")
    assert content[:4] == b"\x7fELF"
    assert b"\0librocblas.so.4\0a note\0" in content


@pytest.mark.parametrize("release", ["6.4.3", "7.0.2"])
def test_its_libraries_have_code_for_amds_archs_and_none_for_gfx906(
    release: str, tmp_path: Path
) -> None:
    repository = rocm(release)
    for package in repository.package:
        for name, content in contents(repository, package, None).files.items():
            if ".so." in name:
                (tmp_path / Path(name).name).write_bytes(content)
    found = {one.name: one for one in coverage(tmp_path).libraries}
    assert {name for name, one in found.items() if one.lacks} == {
        *("rocBLAS", "rocSOLVER", "rocSPARSE", "rocRAND", "RCCL")
    }
    assert "gfx942" in found["rocBLAS"].archs
    assert found["rocRAND"].archs == tuple(sorted(repository.archs))
    assert (found["rocFFT"].how, found["rocFFT"].archs) == ("works without", ())
    assert "cannot be read" not in " ".join(one.says for one in found.values())
    assert all(path.stat().st_size < 40_000 for path in tmp_path.iterdir())


def test_of_debians_rocblas_gfx906_goes_apart_and_large_files_stay_out() -> None:
    folder = "./usr/lib/x86_64-linux-gnu/rocblas/5/library"
    kept = {
        name: tensile.kept(f"{folder}/TensileLibrary_{name}", size)
        for name, size in {
            "Type_SS_l_Ailk_fallback.dat": 10**6,
            "Type_SS_l_Ailk_fallback_gfx906.hsaco": 10**6,
            "Type_SS_l_Ailk_gfx906.co": 10**7,
            "lazy_gfx908.dat": 1000,
            "Type_SS_l_Ailk_gfx908.co": 10**7,
            "lazy_gfx90a.dat": 1000,
        }.items()
    }
    assert list(kept.values()) == ["library", "gfx906", "gfx906", "library", None, None]
    assert tensile.kept("./usr/lib/x86_64-linux-gnu/librocblas.so.5.2", 1) is None


def test_where_no_mirror_has_debians_rocblas_a_small_set_takes_its_place_and_fits_and_misfits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Ubuntu, whose mirrors have no Debian: `make lab` must get its graft all the same."""

    def nowhere(place: Path, wanted: object) -> None:
        raise LabError("no mirror of this machine has it")

    monkeypatch.setattr(tensile, "_fetch", nowhere)
    (wanted, _) = (one.tensile for one in repositories() if one.tensile)
    assert wanted
    ours, other = (tensile.library(tmp_path, one) for one in (wanted, tensile.MISFIT))
    assert not ours.real
    shipped = fit.listing(ours.recipient)
    grafted = fit.fit(shipped, "gfx906", fit.listing(ours.donor))
    assert grafted.fits, grafted.reasons
    assert not fit.fit(shipped, "gfx906").fits
    assert fit.fit(shipped, "gfx906", fit.listing(other.donor)).is_of_another_build
    assert tensile.library(tmp_path, wanted).said == ours.said


def test_both_releases_ship_the_library_whose_kernels_are_called_as_amds() -> None:
    shipped = [one.tensile for one in repositories() if one.tensile]
    assert [one.name for one in shipped] == ["experimental-librocblas5"] * 2
    assert tensile.MISFIT.name == "sid-librocblas4"


def shown_tree(root: Path, name: str) -> None:
    """The stand-in driver's topology as files, and the driver as loaded."""
    for line in card.tree(name).decode().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "kfd":
            path, _, text = rest.partition(" ")[2].partition(" ")
            file = root / "sys/class/kfd/kfd/topology" / path
            if path.endswith("/"):
                file.mkdir(parents=True, exist_ok=True)
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a") as opened:
                opened.write(f"{text}\n")
    module = root / "sys/module/amdgpu"
    module.mkdir(parents=True)
    (module / "initstate").write_text("live\n")
    (module / "version").write_text("6.12.12\n")
    (root / "dev").mkdir()


def run(name: str, root: Path, *arguments: str) -> tuple[int, str]:
    """A stand-in program as it is on the box, but for its root."""
    path = root / "program.py"
    path.write_bytes(program(PROGRAMS[name], rocm("6.4.3").values))
    found = importlib.util.spec_from_file_location(f"standin_{root.name}", path)
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # dataclasses look their module up there
    found.loader.exec_module(module)
    module.ROOT = str(root)  # type: ignore[attr-defined]
    said = io.StringIO()
    before = sys.argv
    sys.argv = [name, *arguments]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status: int = module.main()
    finally:
        sys.argv = before
    return status, said.getvalue()


def test_rocminfo_prints_what_the_product_reads(tmp_path: Path) -> None:
    shown_tree(tmp_path, "mi50-and-gfx1030")
    (tmp_path / "dev/kfd").touch()
    status, said = run("rocminfo", tmp_path)
    read_back = rocminfo.parse(said.splitlines())
    assert status == 0
    assert (read_back.problem, read_back.driver_version) == (None, "6.12.12")
    seen = [(one.kind, one.name, one.compute_units, one.isas) for one in read_back.agents[1:]]
    assert seen == [
        ("GPU", "gfx1030", 60, ("amdgcn-amd-amdhsa--gfx1030",)),
        ("GPU", "gfx906", 60, ("amdgcn-amd-amdhsa--gfx906:sramecc+:xnack-",)),
    ]


def test_rocminfo_without_a_device_or_a_driver_fails_as_the_real_one(tmp_path: Path) -> None:
    shown_tree(tmp_path, "mi50")
    status, said = run("rocminfo", tmp_path)
    problem = rocminfo.parse(said.splitlines()).problem
    assert status == 1
    assert problem
    assert problem.code == "no-dev-kfd"
    (tmp_path / "sys/module/amdgpu/initstate").unlink()
    status, said = run("rocminfo", tmp_path)
    problem = rocminfo.parse(said.splitlines()).problem
    assert status == 1
    assert problem
    assert problem.code == "module-not-loaded"


def test_amd_smi_lists_the_card_and_names_the_release(tmp_path: Path) -> None:
    shown_tree(tmp_path, "mi50")
    assert f"GPU: 0\n    BDF: {MI50}\n" in run("amd-smi", tmp_path, "list")[1]
    said = run("amd-smi", tmp_path, "version")[1]
    assert "ROCm version: 6.4.3 | amdgpu version: 6.12.12 |" in said


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_says_that_it_is_a_stand_in(name: str, tmp_path: Path) -> None:
    shown_tree(tmp_path, "none")
    assert "stand-in" in run(name, tmp_path, "--version")[1]
