"""The mirror under the clients that a box has: curl, git, pip and apt."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.lab.mirror import (
    Cut,
    Mirror,
    RangeIgnored,
    RangeRefused,
    RedirectLoop,
    Stale,
    Truncated,
    WrongBytes,
    upstream,
)
from tests.lab.mirror.git import git_backend
from tests.lab.mirror.wheels import wheel_index

SECONDS = 60
PACKAGES = """Package: rocm-core
Version: {version}
Architecture: amd64
Filename: pool/rocm-core_{version}_amd64.deb
Size: 6
SHA256: {sha256}

"""


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as mirror:
        yield mirror


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"no {program} on this machine")


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a client without the proxies and settings of whoever runs the test."""
    plain = {"LC_ALL": "C", "NO_PROXY": "*", "GIT_CONFIG_NOSYSTEM": "1"}
    env = {"PATH": os.environ["PATH"], **plain, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS)


def curl(mirror: Mirror, to: Path, *options: str) -> int:
    plain = ["curl", "--disable", "--silent", "--fail", "--location", "--max-redirs", "5"]
    return run(*plain, *options, "--output", to, f"{mirror.url}/files/donor").returncode


@pytest.fixture
def donor(mirror: Mirror, tmp_path: Path) -> bytes:
    content = os.urandom(300_000)
    (tmp_path / "served").mkdir()
    (tmp_path / "served/donor").write_bytes(content)
    mirror.serve_folder("files", tmp_path / "served")
    return content


@needs("curl")
@pytest.mark.parametrize("kind", [Truncated(after=100_000), Cut(after=100_000)])
def test_curl_resumes_what_was_broken_off(
    mirror: Mirror, donor: bytes, tmp_path: Path, kind: Truncated | Cut
) -> None:
    mirror.misbehave("files/donor", kind, times=1)

    assert curl(mirror, tmp_path / "got") in (18, 56)  # partial file; reset by the peer
    have = (tmp_path / "got").stat().st_size
    assert curl(mirror, tmp_path / "got", "--continue-at", "-") == 0

    assert (tmp_path / "got").read_bytes() == donor
    assert [asked.status for asked in mirror.requests] == [200, 206]
    assert mirror.requests[1].sent == len(donor) - have


@needs("curl")
def test_curl_says_when_a_range_was_ignored(mirror: Mirror, donor: bytes, tmp_path: Path) -> None:
    (tmp_path / "got").write_bytes(donor[:1000])
    mirror.misbehave("files/donor", RangeIgnored())

    assert curl(mirror, tmp_path / "got", "--continue-at", "-") == 33  # no ranges
    assert (tmp_path / "got").read_bytes() == donor[:1000]


@needs("curl")
def test_curl_leaves_half_a_file_at_a_refused_range(
    mirror: Mirror, donor: bytes, tmp_path: Path
) -> None:
    (tmp_path / "got").write_bytes(donor[:1000])
    mirror.misbehave("files/donor", RangeRefused())

    # Its exit status is not looked at: curl 7.88 gives 0, as if 416 always meant "complete".
    curl(mirror, tmp_path / "got", "--continue-at", "-")

    assert mirror.requests[0].status == 416
    assert (tmp_path / "got").read_bytes() == donor[:1000]


@needs("curl")
def test_curl_fetches_only_what_changed(mirror: Mirror, donor: bytes, tmp_path: Path) -> None:
    assert curl(mirror, tmp_path / "got", "--remote-time") == 0
    assert curl(mirror, tmp_path / "got", "--time-cond", str(tmp_path / "got")) == 0

    assert [(asked.status, asked.sent) for asked in mirror.requests] == [(200, 300_000), (304, 0)]
    assert (tmp_path / "got").read_bytes() == donor


@needs("curl")
def test_curl_gives_up_on_a_redirect_loop(mirror: Mirror, donor: bytes, tmp_path: Path) -> None:
    mirror.misbehave("files/*", RedirectLoop())

    assert curl(mirror, tmp_path / "got") == 47  # too many redirects
    assert {asked.status for asked in mirror.requests} == {302}


def make_repository(path: Path) -> str:
    """A bare repository with two commits; returns the hash of the first."""
    who = ("-c", "user.name=lab", "-c", "user.email=lab@lab")
    work = path.parent / "work"
    run("git", "init", "--quiet", "--initial-branch=main", work)
    for text in ("one", "two"):
        (work / "file").write_text(text)
        run("git", "-C", work, "add", "file")
        run("git", "-C", work, *who, "commit", "--quiet", "--message", text)
    run("git", "clone", "--quiet", "--bare", work, path)
    return run("git", "-C", work, "rev-parse", "HEAD~1").stdout.strip()


@needs("git")
def test_git_clones_fetches_a_commit_and_cannot_push(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "git/nlzy").mkdir(parents=True)
    first = make_repository(tmp_path / "git/nlzy/triton.git")
    mirror.serve(upstream("git"), git_backend(tmp_path / "git"), posts=True)
    address = f"{mirror.url}/git/nlzy/triton.git"
    clone, pinned = tmp_path / "clone", tmp_path / "pinned"

    cloned = run("git", "clone", "--quiet", address, clone)
    methods = [asked.method for asked in mirror.requests]
    run("git", "init", "--quiet", pinned)
    old = ("-c", "protocol.version=0")  # asks for leave to fetch a commit that no branch names
    fetched = run("git", "-C", pinned, *old, "fetch", "--quiet", "--depth=1", address, first)
    run("git", "-C", pinned, "checkout", "--quiet", "FETCH_HEAD")
    pushed = run("git", "-C", clone, "push", "--quiet", "origin", "HEAD:refs/heads/other")

    assert (cloned.returncode, cloned.stderr) == (0, "")
    assert (clone / "file").read_text() == "two"
    assert (fetched.returncode, (pinned / "file").read_text()) == (0, "one")
    assert pushed.returncode != 0
    assert "403" in pushed.stderr
    assert methods == ["GET", "POST", "POST"]  # protocol 2: what it speaks, the refs, the objects


def make_wheel(folder: Path) -> Path:
    folder.mkdir()
    wheel = folder / "triton_rocm-3.5.0+lab-py3-none-any.whl"
    info = "triton_rocm-3.5.0+lab.dist-info"
    files = {
        "triton_rocm.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: triton-rocm\nVersion: 3.5.0+lab\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": "\n".join(files)}.items():
            archive.writestr(name, text)
    return wheel


@pytest.mark.skipif(not find_spec("pip"), reason="no pip in this environment")
def test_pip_takes_a_wheel_and_refuses_one_with_wrong_bytes(mirror: Mirror, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "wheels")
    prefix = upstream("wheels", rocm="rocm6.4")
    mirror.serve(prefix, wheel_index(wheel.parent))
    pip = [sys.executable, "-m", "pip", "--isolated", "--no-cache-dir", "--retries", "0"]
    pip += ["--disable-pip-version-check", "download", "--no-deps", "--quiet"]
    pip += [
        "--index-url",
        f"{mirror.url}/{prefix}/",
        "--dest",
        str(tmp_path / "got"),
        "triton_rocm",
    ]

    taken = run(*pip)
    assert (taken.returncode, taken.stderr) == (0, "")
    assert (tmp_path / "got" / wheel.name).read_bytes() == wheel.read_bytes()

    (tmp_path / "got" / wheel.name).unlink()
    mirror.misbehave("*.whl", WrongBytes(offset=40))
    refused = run(*pip)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def make_apt_repository(root: Path, version: str) -> None:
    """One package, indexed by hand; of an age by which apt tells its two states apart."""
    deb = f"{version}\n".encode()
    (root / "pool").mkdir(parents=True, exist_ok=True)
    (root / f"pool/rocm-core_{version}_amd64.deb").write_bytes(deb)
    plain = PACKAGES.format(version=version, sha256=hashlib.sha256(deb).hexdigest()).encode()
    index = gzip.compress(plain, mtime=0)
    binary = root / "dists/noble/main/binary-amd64"
    binary.mkdir(parents=True, exist_ok=True)
    (binary / "Packages.gz").write_bytes(index)
    (root / "dists/noble/Release").write_text(
        "Origin: repo.radeon.com\nSuite: noble\nCodename: noble\nArchitectures: amd64\n"
        "Components: main\nDate: Sat, 01 Nov 2025 10:00:00 UTC\nSHA256:\n"
        f" {hashlib.sha256(plain).hexdigest()} {len(plain)} main/binary-amd64/Packages\n"
        f" {hashlib.sha256(index).hexdigest()} {len(index)} main/binary-amd64/Packages.gz\n"
    )
    age = int(version.replace(".", "")) * 1000
    for file in (binary / "Packages.gz", root / "dists/noble/Release"):
        os.utime(file, (age, age))


class Apt:
    """apt with a root of its own: nothing of the machine's lists, sources or settings."""

    def __init__(self, root: Path, source: str) -> None:
        self.root = root
        for folder in (
            "lists/partial",
            "cache/archives/partial",
            "etc/apt.conf.d",
            "etc/preferences.d",
        ):
            (root / folder).mkdir(parents=True)
        (root / "status").touch()
        (root / "sources.list").write_text(source)
        (root / "apt.conf").write_text(
            f'Dir::Etc "{root}/etc/"; Dir::Etc::sourcelist "{root}/sources.list";\n'
            f'Dir::State::lists "{root}/lists/"; Dir::State::status "{root}/status";\n'
            f'Dir::Cache "{root}/cache/"; APT::Architecture "amd64"; APT::Architectures "amd64";\n'
            'APT::Sandbox::User "root"; Acquire::Languages "none"; Acquire::Retries "0";\n'
        )

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        there = ("sh", "-ec", 'cd "$0" && exec "$@"', self.root)  # where `download` puts its file
        return run(*there, "apt-get", "-q", *arguments, APT_CONFIG=str(self.root / "apt.conf"))


@pytest.fixture
def apt(mirror: Mirror, tmp_path: Path) -> Apt:
    prefix = upstream("rocm-apt", release="6.4.3")
    for name, version in (("now", "6.4.3"), ("before", "6.4.2")):
        make_apt_repository(tmp_path / name, version)
    mirror.serve_folder(prefix, tmp_path / "now")
    mirror.serve_folder("before", tmp_path / "before")
    return Apt(tmp_path / "apt", f"deb [trusted=yes] {mirror.url}/{prefix} noble main\n")


@needs("apt-get")
def test_apt_reads_a_repository_and_fetches_a_package(mirror: Mirror, apt: Apt) -> None:
    updated = apt("update")
    fetched = apt("download", "rocm-core")
    again = apt("update")

    assert (updated.returncode, updated.stderr) == (0, "")
    assert fetched.returncode == 0, fetched.stderr
    assert (apt.root / "rocm-core_6.4.3_amd64.deb").read_bytes() == b"6.4.3\n"
    assert again.returncode == 0
    assert [a.status for a in mirror.requests if a.path.endswith("/Release")] == [200, 304]


@needs("apt-get")
def test_apt_notices_an_index_older_than_its_release_file(mirror: Mirror, apt: Apt) -> None:
    index = "dists/noble/main/binary-amd64/Packages.gz"
    mirror.misbehave(f"rocm/*/{index}", Stale(f"before/{index}"))

    stale = apt("update")
    mirror.behave()
    right = apt("update")

    assert stale.returncode == 100
    assert "unexpected size" in stale.stderr or "Hash Sum mismatch" in stale.stderr
    assert (right.returncode, right.stderr) == (0, "")


@needs("apt-get")
def test_apt_does_not_keep_a_package_with_wrong_bytes(mirror: Mirror, apt: Apt) -> None:
    apt("update")
    mirror.misbehave("*.deb", WrongBytes())

    fetched = apt("download", "rocm-core")

    assert fetched.returncode == 100
    assert "Hash Sum mismatch" in fetched.stderr
    assert not list(apt.root.glob("*.deb"))
