"""The package of a graft: the same bytes whoever builds it, in the order that makes it safe."""

from __future__ import annotations

import io
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from roles.graft import deb, package
from roles.graft.order import Graft, Recipient

RECIPIENT = Recipient("rocblas", "4.4.1.60403-128~24.04", "/opt/rocm-6.4.3", "c" * 64)
GRAFT = Graft("gfx906", "flat", RECIPIENT, "6.4.3-3", "d" * 64)
LAZY = "TensileLibrary_lazy_gfx906.dat"
NAMES = ("Kernels.so-000-gfx906.hsaco", LAZY, "TensileLibrary_Z_gfx906.co", "T_fallback.dat")


@pytest.fixture
def donor(tmp_path: Path) -> dict[str, Path]:
    for name in NAMES:
        (tmp_path / name).write_bytes(name.encode() * 1000)
    return {name: tmp_path / name for name in NAMES}


def written(graft: Graft, donor: dict[str, Path], into: Path) -> Path:
    members = package.members(graft, donor, {"fit": {"kernels": 3}})
    deb.write(package.control(graft), package.scripts(graft), members, into)
    return into


def test_two_builds_give_the_same_bytes_whatever_the_files_dates(
    donor: dict[str, Path], tmp_path: Path
) -> None:
    first = written(GRAFT, donor, tmp_path / "a.deb").read_bytes()
    (tmp_path / LAZY).write_bytes((tmp_path / LAZY).read_bytes())
    assert written(GRAFT, dict(reversed(donor.items())), tmp_path / "b.deb").read_bytes() == first
    assert sorted(path.name for path in tmp_path.glob("*.d*b")) == ["a.deb", "b.deb"]


def test_dpkg_reads_it_and_the_catalog_that_rocblas_begins_with_comes_last(
    donor: dict[str, Path], tmp_path: Path
) -> None:
    path = written(GRAFT, donor, tmp_path / "a.deb")
    listed = subprocess.run(
        ["dpkg-deb", "-c", path], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    names = [line.split()[-1] for line in listed]
    assert names[-1] == f"./opt/rocm-6.4.3/lib/rocblas/library/{LAZY}"
    assert not [name for name in names if name.endswith("T_fallback.dat")]
    assert all(line.split()[1] == "root/root" for line in listed)
    fields = subprocess.run(
        ["dpkg-deb", "-f", path, "Depends", "Version"], capture_output=True, text=True, check=True
    ).stdout
    assert "Depends: rocblas (= 4.4.1.60403-128~24.04)" in fields
    assert f"Version: {GRAFT.version}" in fields


def test_in_a_folder_of_its_own_it_brings_its_fallback_catalogs(
    donor: dict[str, Path], tmp_path: Path
) -> None:
    apart = replace(GRAFT, layout="arch-dir")
    path = written(apart, donor, tmp_path / "a.deb")
    listed = subprocess.run(
        ["dpkg-deb", "-c", path], capture_output=True, text=True, check=True
    ).stdout
    assert "./opt/rocm-6.4.3/lib/rocblas/regraft-gfx906/T_fallback.dat" in listed
    assert "rocblas/library/" not in listed


def test_its_sums_are_those_of_its_files(donor: dict[str, Path], tmp_path: Path) -> None:
    path = written(GRAFT, donor, tmp_path / "a.deb")
    root = tmp_path / "root"
    subprocess.run(["dpkg-deb", "-R", path, root], check=True)
    subprocess.run(["md5sum", "-c", "--quiet", "DEBIAN/md5sums"], cwd=root, check=True)
    manifest = (root / GRAFT.manifest.lstrip("/")).read_text()
    assert f"  {RECIPIENT.library}/{LAZY}\n" in manifest
    moved = manifest.replace("  /", f"  {root}/")
    subprocess.run(["sha256sum", "-c", "--quiet"], input=moved, text=True, check=True)
    for name in ("preinst", "postinst", "prerm", "postrm"):
        subprocess.run(["sh", "-n", root / "DEBIAN" / name], check=True)


@pytest.mark.parametrize(
    "other",
    [
        replace(GRAFT, source="e" * 64),
        replace(GRAFT, layout="arch-dir"),
        replace(GRAFT, recipient=replace(RECIPIENT, catalogs="f" * 64)),
        replace(GRAFT, recipient=replace(RECIPIENT, version="4.4.2.60403-128~24.04")),
    ],
)
def test_whatever_decides_its_files_is_in_its_version(other: Graft) -> None:
    assert other.version != GRAFT.version


def test_a_build_that_fails_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    members = [deb.Member("/opt/a", b"a"), deb.Member("/opt/b", tmp_path / "absent")]
    with pytest.raises(FileNotFoundError):
        deb.write({"Package": "x"}, {}, members, tmp_path / "out.deb")
    assert list(tmp_path.iterdir()) == []


def test_folders_are_in_the_archive_once_and_so_removed_with_it(tmp_path: Path) -> None:
    members = [deb.Member("/opt/x/a", b"a"), deb.Member("/opt/x/b", b"b")]
    deb.write({"Package": "x"}, {}, members, tmp_path / "x.deb")
    reading = ["dpkg-deb", "--fsys-tarfile", str(tmp_path / "x.deb")]
    body = subprocess.run(reading, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        assert tar.getnames() == [".", "./opt", "./opt/x", "./opt/x/a", "./opt/x/b"]
