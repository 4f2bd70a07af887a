"""Packages, honest and hostile: what is wanted of them comes out whole, or nothing does."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roles.graft import archive, streams
from roles.graft.archive import Refused, kept, unpack, wanted
from tests.lab.arch import LIBRARY, NAMES, VERSION, package

PACKAGE = package(NAMES)
PLAIN = zstandard.ZstdDecompressor().decompress(PACKAGE)
WANTED = sorted(name for name in NAMES if "gfx90a" not in name)
CODE = "TensileLibrary_Type_SS_gfx906.co"


def tar_of(*members: tuple[tarfile.TarInfo, bytes], info: bool = True) -> bytes:
    """A tar of these; + info: says that it is Arch's rocblas"""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        if info:
            told = f"pkgname = rocblas\npkgver = {VERSION}\n".encode()
            members = (member(".PKGINFO", told), *members)
        for entry, content in members:
            tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def member(name: str, content: bytes = b"x", **more: object) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    for key, value in more.items():
        setattr(entry, key, value)
    return entry, content


GOOD = member(f"{LIBRARY}/{CODE}")
GOOD_TOO = member(f"{LIBRARY}/a_gfx906.co")


def taken(
    content: bytes, folder: Path, kind: str = "arch", expected: str = VERSION
) -> archive.Unpacked:
    file = folder / "package"
    file.write_bytes(content)
    return unpack(file, "gfx906", folder / "into", kind=kind, expected=expected)


def refused(content: bytes, folder: Path, why: str, kind: str = "arch") -> None:
    """For this reason, with the package's name, and with nothing left behind."""
    with pytest.raises(Refused, match=f"(?s)package.*({why})"):
        taken(content, folder, kind)
    assert [path.name for path in folder.iterdir()] == ["package"]


def test_of_a_package_the_cards_files_and_the_fallback_catalogs_are_taken(tmp_path: Path) -> None:
    found = taken(PACKAGE, tmp_path)
    assert found.version == VERSION
    assert {name: path.read_bytes() for name, path in found.files.items()} == {
        name: NAMES[name] for name in WANTED
    }
    assert found == kept(tmp_path / "into")


def test_what_was_damaged_since_is_not_kept(tmp_path: Path) -> None:
    found = taken(PACKAGE, tmp_path)
    found.files[CODE].write_bytes(b"")
    assert kept(tmp_path / "into") is None
    assert taken(PACKAGE, tmp_path).files[CODE].read_bytes() == NAMES[CODE]


def test_another_cards_names_are_not_the_cards() -> None:
    names = ("a_gfx90.co", "a_gfx906.co", "a_gfx906-xnack-.hsaco", "a_gfx90a.co", "a_fallback.dat")
    assert [wanted(name, "gfx90") for name in names] == [True, False, False, False, True]
    assert [wanted(name, "gfx906") for name in names] == [False, True, True, False, True]


@pytest.mark.parametrize(
    "packed",
    [bytes, gzip.compress, lzma.compress, zstandard.ZstdCompressor().compress],
    ids=["plain", "gz", "xz", "zst"],
)
def test_a_tarball_is_taken_whatever_it_is_packed_with_and_called(
    packed: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """A published .tgz of such files is in truth a plain tar."""
    found = taken(packed(tar_of(member(f"rocblas-6.4/{CODE}"), info=False)), tmp_path, "tar")
    assert (list(found.files), found.version) == ([CODE], VERSION)


def debian(folder: Path, compression: str, package: str = "librocblas5") -> bytes:
    library = folder / "deb/usr/lib/x86_64-linux-gnu/rocblas/5.2.4/library"
    library.mkdir(parents=True)
    (folder / "deb/DEBIAN").mkdir()
    control = f"Package: {package}\nVersion: {VERSION}\nArchitecture: amd64\nMaintainer: x <x@x>\n"
    (folder / "deb/DEBIAN/control").write_text(f"{control}Description: x\n")
    for name, content in NAMES.items():
        (library / name).write_bytes(content)
    build = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", "deb", "made"]
    subprocess.run(build, cwd=folder, check=True, capture_output=True)
    content = (folder / "made").read_bytes()
    shutil.rmtree(folder / "deb")
    (folder / "made").unlink()
    return content


@pytest.mark.parametrize("compression", ["xz", "none"])
def test_debians_package_is_taken_without_dpkg(compression: str, tmp_path: Path) -> None:
    found = taken(debian(tmp_path, compression), tmp_path, "deb")
    assert (sorted(found.files), found.version) == (WANTED, VERSION)


def test_debians_package_cut_off_or_of_another_name_is_refused(tmp_path: Path) -> None:
    whole = debian(tmp_path, "gzip")
    refused(whole[:-100], tmp_path, "too early|cannot be unpacked", "deb")
    refused(whole[:100], tmp_path, "its outer archive is damaged", "deb")
    other = debian(tmp_path, "gzip", "libhipblas3")
    refused(other, tmp_path, "it is the package 'libhipblas3', not rocblas", "deb")


@pytest.mark.parametrize(
    ("name", "more"),
    [
        (f"/{LIBRARY}/{CODE}", {}),
        (f"opt/../../{LIBRARY}/{CODE}", {}),
        (f"{LIBRARY}/..gfx906", {}),
        (f"{LIBRARY}/gfx906\n.co", {}),
        (f"{LIBRARY}/{CODE}", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        (f"{LIBRARY}/{CODE}", {"type": tarfile.LNKTYPE, "linkname": ".PKGINFO"}),
        (f"{LIBRARY}/{CODE}", {"type": tarfile.FIFOTYPE}),
        (f"{LIBRARY}/{CODE}", {"type": tarfile.CHRTYPE}),
        (f"{LIBRARY}/{CODE}", {"type": tarfile.GNUTYPE_SPARSE}),
    ],
)
def test_paths_that_lead_out_links_and_devices_are_refused(
    name: str, more: dict[str, object], tmp_path: Path
) -> None:
    hostile = member(name, b"" if "type" in more else b"x", **more)
    refused(tar_of(hostile), tmp_path, r"leads out|no name of a|is a link or a device|with holes")


def test_a_link_where_nothing_is_wanted_is_in_every_package(tmp_path: Path) -> None:
    link = member("opt/rocm/lib/librocblas.so", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
    assert list(taken(tar_of(link, GOOD), tmp_path).files) == [CODE]


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    refused(tar_of(GOOD, GOOD), tmp_path, "is in it twice")


def test_more_than_can_be_is_refused_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MOST_FILE", 0)
        refused(tar_of(GOOD), tmp_path, "has 1 bytes, more than can be")
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MOST_FILES", 1)
        refused(tar_of(GOOD, member(f"{LIBRARY}/a_gfx906.co")), tmp_path, "more than 1 files")
    with monkeypatch.context() as patch:
        patch.setattr(streams, "MOST_READ", 1 << 20)
        bomb = zstandard.ZstdCompressor().compress(tar_of(member("zeros", bytes(8 << 20)), GOOD))
        assert len(bomb) < 2000
        refused(bomb, tmp_path, "unpacks to more than 1048576 bytes")
    long = member(f"{LIBRARY}/{CODE}", pax_headers={"comment": "x" * 100_000})
    refused(tar_of(long), tmp_path, "a member's header has 100")


def test_a_package_without_the_cards_files_says_so(tmp_path: Path) -> None:
    refused(
        package({"TensileLibrary_Type_SS_fallback.dat": b"x"}),
        tmp_path,
        "it has no file for gfx906 below rocblas/library",
    )


def test_another_version_behind_the_same_name_is_refused_with_both(tmp_path: Path) -> None:
    """archlinux.org's download link serves the newest, whatever people save it as."""
    refused(package(NAMES, "7.2.4-2"), tmp_path, "it is version 7.2.4-2, wanted is 6.4.3-3")


def test_a_package_of_another_name_is_refused(tmp_path: Path) -> None:
    other = tar_of(member(".PKGINFO", b"pkgname = hipblas\npkgver = 6.4.3-3\n"), GOOD, info=False)
    refused(other, tmp_path, "it is the package 'hipblas', not rocblas")
    refused(tar_of(GOOD, info=False), tmp_path, r"has no \.PKGINFO")


def test_a_file_that_is_not_as_the_packages_own_list_has_it_is_refused(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"y").hexdigest()
    for line in (f"./{LIBRARY}/{CODE} sha256digest={digest}", f"./other sha256digest={digest}"):
        listed = gzip.compress(f"#mtree\n{line}\n".encode())
        refused(tar_of(member(".MTREE", listed), GOOD), tmp_path, f"{CODE} has sha256")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\n<!DOCTYPE html><title>Sign in</title>", "it is an HTML page"),
        (b"PK\x03\x04....", "it is a zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b"nothing that anyone knows", "begins with 'nothing that anyone know'"),
    ],
)
@pytest.mark.parametrize("kind", ["arch", "deb", "tar"])
def test_what_is_no_archive_is_called_what_it_is(
    content: bytes, why: str, kind: str, tmp_path: Path
) -> None:
    refused(content, tmp_path, why, kind)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.97])
@pytest.mark.parametrize(
    "packed", [bytes, gzip.compress, lzma.compress, zstandard.ZstdCompressor().compress]
)
def test_a_package_that_ends_too_early_is_refused(
    packed: Callable[[bytes], bytes], part: float, tmp_path: Path
) -> None:
    plain = tar_of(GOOD, member(f"{LIBRARY}/b_gfx906.co", hashlib.sha512(b"").digest() * 300))
    end = len(plain.rstrip(b"\0")) if packed is bytes else None
    whole = packed(plain)[:end]
    refused(whole[: int(len(whole) * part)], tmp_path, "ends|end|trunc|cannot be unpacked")


def test_an_archive_without_its_end_is_refused_though_its_files_are_whole(tmp_path: Path) -> None:
    """tarfile takes both for the end."""
    plain = tar_of(GOOD).rstrip(b"\0")
    padded = plain + bytes(-len(plain) % 512)
    refused(padded, tmp_path, "ends in the middle")
    refused(padded + b"x" * 1024, tmp_path, "in place of a member's header is something else")


def test_a_size_that_only_its_attributes_say_is_followed(tmp_path: Path) -> None:
    """As bsdtar writes files of 8 GiB: what comes after such a member is no damage."""
    content = bytearray(tar_of(member(f"{LIBRARY}/{CODE}", pax_headers={"size": "1"}), GOOD_TOO))
    header = content.rindex(f"{LIBRARY}/{CODE}".encode())
    content[header + 124 : header + 156] = b"0" * 11 + b"\0" + bytes(12) + b" " * 8
    total = sum(content[header : header + tarfile.BLOCKSIZE])
    content[header + 148 : header + 156] = f"{total:06o}\0 ".encode()
    assert taken(bytes(content), tmp_path).files[CODE].read_bytes() == b"x"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_package_gives_the_true_files_or_is_refused(
    data: st.DataObject, tmp_path: Path
) -> None:
    """Bytes changed and cut at will, inside the compression: .MTREE knows what they were."""
    plain = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(0, 4))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(st.integers(0, 255))
    cut = plain[: data.draw(st.integers(0, len(plain)))] if data.draw(st.booleans()) else plain
    try:
        found = taken(bytes(cut), tmp_path)
    except Refused:
        assert not (tmp_path / "into").exists()
        return
    for name, path in found.files.items():
        assert path.parent == tmp_path / "into"
        assert path.read_bytes() == NAMES[name]
    shutil.rmtree(tmp_path / "into")
