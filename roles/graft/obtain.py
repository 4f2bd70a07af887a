"""A donor's files on this machine: fetched once, trusted for a reason, recorded, unpacked once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from roles.graft.archive import Refused, Unpacked, kept, unpack, wanted
from roles.graft.donor import Donor, in_lock, is_sha256, pinned
from roles.upstream.alone import alone
from roles.upstream.fetch import Fetched, FetchRefused, fetch
from roles.upstream.lock import Lock, LockRefused
from roles.upstream.openpgp import SignatureRefused, signer

MOST_PACKAGE = 2 << 30  # bytes; Arch's have 0.25 to 0.35 GB
MOST_SIGNATURE = 64 << 10

# What `obtain` raises, each with cause, evidence and next step.
PROBLEMS = (Refused, FetchRefused, LockRefused)

Say = Callable[[str], None]


def obtain(
    donor: Donor,
    addresses: Mapping[str, str],
    cache: Path,
    lock: Lock,
    *,
    keys: bytes | None,
    sha256: str,
    say: Say,
) -> Unpacked:
    """
    The donor's files for its card, by name. The second time without a network.

    + addresses: of the upstreams, by name
    + cache: where packages, and what was in them, are kept
    + lock: what is found at first use is recorded there, and holds from then on
    + keys: that count for the package's signature
    + sha256: the setting graft_donor_sha256; "" leaves it to the donor's file and the lock
    """
    into = cache / donor.name
    into.mkdir(parents=True, exist_ok=True)
    # The boxes of a fleet want it all at once: the first fetches it, for the others it is there.
    with alone(into / "lock", lambda: say(f"{donor.name}: it is being obtained already")):
        expected = sha256.lower() or pinned(donor, lock)
        if expected and not is_sha256(expected):
            raise Refused(f"{expected!r} is no sha256. Next: correct graft_donor_sha256")
        if donor.kind == "folder":
            return _folder(donor, lock, expected)
        if "sha256" in (lock.known(in_lock(donor)) or {}):
            lock.record(in_lock(donor), sha256=expected)  # raises if it is another
            if there := kept(_place(into, expected, donor)):
                return there
        package, by = _trusted(donor, addresses, into, keys, expected, say)
        place = _place(into, package.sha256, donor)
        there = kept(place) or _unpacked(package, donor, place)
        found: dict[str, str | int] = {"signer": by} if by else {}
        found |= {"sha256": package.sha256, "size": package.size, "version": there.version}
        lock.record(in_lock(donor), **found)
        return there


def _place(into: Path, sha256: str, donor: Donor) -> Path:
    return into / f"{sha256}-{donor.arch}"


def _unpacked(package: Fetched, donor: Donor, place: Path) -> Unpacked:
    try:
        return unpack(package.path, donor.arch, place, kind=donor.kind, expected=donor.version)
    except Refused as problem:
        package.path.unlink(missing_ok=True)  # or the next run would find the same again
        raise Refused(
            f"{problem}. It is deleted. Next: run it again, from another mirror "
            "(upstream_addresses) if need be, or with another donor: graft_donor"
        ) from problem
    except OSError as problem:
        raise Refused(
            f"{donor.name} cannot be unpacked to {place}: {problem.strerror}. "
            f"Next: df -h {place.parent}"
        ) from problem


def _trusted(
    donor: Donor,
    addresses: Mapping[str, str],
    into: Path,
    keys: bytes | None,
    expected: str,
    say: Say,
) -> tuple[Fetched, str]:
    """The package, and who has signed it if that is why it is trusted: a known hash is enough."""

    def get(path: str, most: int, sha256: str = "") -> Fetched:
        base = f"{addresses[donor.upstream].rstrip('/')}/" if donor.upstream else ""
        file = into / (PurePosixPath(path).name or "package")
        return fetch(f"{base}{path}", file, sha256=sha256, most=most, say=say)

    if expected:
        return get(donor.path, MOST_PACKAGE, expected), ""
    if not donor.signature or not keys:
        lacking = "no signature" if not donor.signature else "no key to check its signature with"
        raise Refused(
            f"nothing vouches for the donor {donor.name}: it has {lacking}, and its sha256 is not "
            "known. Next: graft_donor_sha256, from whom you trust"
            + (", or graft_donor_key: a file with the key" if donor.signature else "")
        )
    package = get(donor.path, MOST_PACKAGE)
    signature = get(donor.signature, MOST_SIGNATURE)
    try:
        return package, signer(package.path, signature.path, keys)
    except SignatureRefused as problem:
        package.path.unlink(missing_ok=True)  # nobody knows which of the two is wrong
        raise Refused(
            f"the signature of {package.path.name} does not vouch for it: {problem}. Both are "
            "deleted. Next: run it again, from another mirror (upstream_addresses) if need be; "
            "graft_donor_key names another key, graft_donor_sha256 the package itself"
        ) from problem
    finally:
        signature.path.unlink(missing_ok=True)  # small, and of no use to another package


def _folder(donor: Donor, lock: Lock, expected: str) -> Unpacked:
    """A library directory of this machine: its own user vouches for it, and the lock holds it."""
    folder = Path(donor.path).expanduser()
    try:
        paths = sorted(path for path in folder.iterdir() if wanted(path.name, donor.arch))
        sums = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]
    except OSError as problem:
        raise Refused(
            f"the donor's folder {folder} cannot be read: {problem}. Next: correct `path` in the "
            f"donor {donor.name}"
        ) from problem
    if not any(donor.arch in path.name for path in paths):
        raise Refused(f"{folder} has no file for {donor.arch}. Next: look into it with ls")
    digest = hashlib.sha256("".join(f"{of}  {one}\n" for one, of in sums).encode()).hexdigest()
    if "sha256" in (lock.known(in_lock(donor)) or {}):
        lock.record(in_lock(donor), sha256=digest)  # raises if it is another
    if expected not in ("", digest):
        raise Refused(
            f"the files of {folder} have sha256 {digest}, expected was {expected}. Next: correct "
            f"graft_donor_sha256, or `sha256` in the donor {donor.name}"
        )
    lock.record(in_lock(donor), sha256=digest, version=donor.version)
    return Unpacked({path.name: path for path in paths}, donor.version)
