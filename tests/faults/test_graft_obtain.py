"""A donor's files: trusted for a reason, fetched once, recorded, and the same ever after."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from roles.graft.archive import Refused, Unpacked
from roles.graft.donor import Donor, load
from roles.graft.obtain import PROBLEMS, obtain
from roles.upstream import fetch as fetching
from roles.upstream.lock import Lock, LockMismatch
from tests.lab.arch import FILE, NAMES, VERSION, package
from tests.lab.mirror import Cut, Mirror, Missing, WrongBytes, upstream
from tests.lab.mirror.routes import fixed

SIGN = """
import sys
from pathlib import Path
from pysequoia import SignatureMode, Tsk, sign
for who in ("packager", "stranger"):
    key = Tsk.generate(f"{who} <{who}@regraft.invalid>")
    Path(f"{who}.asc").write_text(str(key.extract_certificate()))
    for package in ("good", "other-version"):
        signed = sign(key.signer(), Path(package).read_bytes(), mode=SignatureMode.DETACHED)
        Path(f"{package}.{who}").write_bytes(signed)
"""
WANTED = sorted(name for name in NAMES if "gfx90a" not in name)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two packages, two keys, and each package's signature by each key."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "good").write_bytes(package(NAMES))
    (folder / "other-version").write_bytes(package(NAMES, "7.2.4-2"))
    subprocess.run([sys.executable, "-c", SIGN], cwd=folder, check=True)
    return folder


@dataclass
class Archive:
    """Arch's archive, and a person who wants rocblas from it."""

    given: Path
    mirror: Mirror
    folder: Path
    said: list[str] = field(default_factory=list)

    def serve(self, package: str = "good", by: str = "packager") -> None:
        place = f"{upstream('arch-rocblas')}/{FILE}"
        self.mirror.serve(place, fixed((self.given / package).read_bytes()))
        self.mirror.serve(f"{place}.sig", fixed((self.given / f"{package}.{by}").read_bytes()))

    @property
    def lock(self) -> Lock:
        return Lock(self.folder / "regraft.lock.toml")

    @property
    def sha256(self) -> str:
        return hashlib.sha256((self.given / "good").read_bytes()).hexdigest()

    def obtain(
        self, donor: Donor | None = None, key: str = "packager", sha256: str = ""
    ) -> Unpacked:
        return obtain(
            donor or load("arch-6.4.3-3"),
            {"arch-archive": f"{self.mirror.url}/packages/"},
            self.folder / "cache",
            self.lock,
            keys=(self.given / f"{key}.asc").read_bytes() if key else None,
            sha256=sha256,
            say=self.said.append,
        )


@pytest.fixture
def archive(given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0)
    with Mirror() as mirror:
        made = Archive(given, mirror, tmp_path)
        made.serve()
        yield made


def test_a_signed_package_is_taken_and_what_it_was_is_recorded(archive: Archive) -> None:
    found = archive.obtain()
    assert (sorted(found.files), found.version) == (WANTED, VERSION)
    known = archive.lock.known("rocblas/arch-6.4.3-3") or {}
    assert (known["sha256"], known["version"]) == (archive.sha256, VERSION)
    assert known["size"] == (archive.given / "good").stat().st_size
    assert len(str(known["signer"])) == 40


def test_the_second_time_needs_no_network_and_unpacks_nothing(archive: Archive) -> None:
    first = archive.obtain()
    made = {path: path.stat().st_ino for path in first.files.values()}
    asked = len(archive.mirror.requests)
    second = archive.obtain()
    assert second == first
    assert {path: path.stat().st_ino for path in second.files.values()} == made
    assert len(archive.mirror.requests) == asked


def test_the_boxes_of_a_fleet_get_it_by_one_fetch(archive: Archive) -> None:
    """One that is done must not take the signature from under another that is checking it."""
    with ThreadPoolExecutor(4) as boxes:
        found = list(boxes.map(lambda _: archive.obtain(), range(4)))
    assert found == [archive.obtain()] * 4
    assert len(archive.mirror.requests) == 2


def test_with_the_lock_alone_another_machine_gets_the_same_bytes(
    archive: Archive, tmp_path: Path
) -> None:
    """The hash in it is enough: no key is needed where the file is taken along."""
    archive.obtain()
    before = archive.lock.path.read_bytes()
    (tmp_path / "cache").rename(tmp_path / "elsewhere")
    assert sorted(archive.obtain(key="").files) == WANTED
    assert archive.lock.path.read_bytes() == before


def test_other_bytes_than_those_recorded_are_refused(archive: Archive, tmp_path: Path) -> None:
    archive.obtain()
    (tmp_path / "cache").rename(tmp_path / "elsewhere")
    archive.serve("other-version")
    with pytest.raises(PROBLEMS, match=f"expected was {archive.sha256}"):
        archive.obtain()


def test_another_hash_than_the_recorded_one_is_no_silent_change(archive: Archive) -> None:
    archive.obtain()
    with pytest.raises(LockMismatch, match=r"delete the table \[\"rocblas/arch-6.4.3-3\"\]"):
        archive.obtain(sha256="0" * 64)


def test_a_pinned_hash_is_enough_and_no_signature_is_asked_for(archive: Archive) -> None:
    archive.obtain(key="", sha256=archive.sha256.upper())
    assert [asked.path for asked in archive.mirror.requests] == [f"packages/r/rocblas/{FILE}"]
    assert "signer" not in (archive.lock.known("rocblas/arch-6.4.3-3") or {})


def nothing_is_kept(archive: Archive) -> None:
    """Neither in the lock nor as a file that a next run would take for good."""
    assert archive.lock.known("rocblas/arch-6.4.3-3") is None
    left = [path for path in (archive.folder / "cache").rglob("*") if path.is_file()]
    assert [path.name for path in left if not path.name.endswith("lock")] == []


def test_without_key_and_hash_it_stops_and_says_what_to_set(archive: Archive) -> None:
    with pytest.raises(Refused, match=r"nothing vouches .*graft_donor_sha256.*graft_donor_key"):
        archive.obtain(key="")
    assert archive.mirror.requests == []


@pytest.mark.parametrize(
    ("package", "by", "why"),
    [
        ("good", "stranger", "is by the key .*, none of the 1 that count.*graft_donor_key"),
        ("other-version", "packager", "is version 7.2.4-2, wanted is 6.4.3-3.*graft_donor"),
    ],
)
def test_a_strangers_package_and_another_version_are_refused_and_the_next_run_starts_anew(
    archive: Archive, package: str, by: str, why: str
) -> None:
    archive.serve(package, by)
    with pytest.raises(Refused, match=why):
        archive.obtain()
    nothing_is_kept(archive)
    archive.serve()
    assert sorted(archive.obtain().files) == WANTED


def test_a_package_that_was_tampered_with_is_refused_and_the_next_mirror_serves(
    archive: Archive,
) -> None:
    archive.mirror.misbehave("*.zst", WrongBytes(100))
    with pytest.raises(Refused, match=f"{FILE} does not vouch for it: .*signed something else"):
        archive.obtain()
    nothing_is_kept(archive)
    archive.mirror.behave()
    assert sorted(archive.obtain().files) == WANTED


def test_a_cut_connection_is_gone_on_from_and_a_missing_signature_is_told(
    archive: Archive,
) -> None:
    archive.mirror.misbehave("*.zst", Cut(500), times=1)
    archive.mirror.misbehave("*.sig", Missing(), times=1)
    with pytest.raises(PROBLEMS, match=r"\.sig answers HTTP 404"):
        archive.obtain()
    assert sorted(archive.obtain().files) == WANTED


def test_a_folder_is_taken_as_it_is_and_held_to_what_it_was(
    archive: Archive, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    for name, content in NAMES.items():
        (library / name).write_bytes(content)
    donor = replace(load("arch-6.4.3-3"), name="mine", kind="folder", path=str(library))
    with pytest.raises(Refused, match=f"expected was {'0' * 64}"):
        archive.obtain(donor, sha256="0" * 64)
    found = archive.obtain(donor, key="")
    assert found.files == {name: library / name for name in WANTED}
    assert archive.obtain(donor, key="") == found
    (library / WANTED[0]).write_bytes(b"another")
    with pytest.raises(LockMismatch, match="sha256"):
        archive.obtain(donor, key="")
    with pytest.raises(Refused, match="cannot be read"):
        archive.obtain(replace(donor, path=str(tmp_path / "nowhere")), key="")
