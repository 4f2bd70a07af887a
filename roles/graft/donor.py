"""Donors, as data: one file each in patches/rocblas, or one of the user's own."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import typing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from roles.settings import SettingError
from roles.upstream.lock import Lock

PATCHES = Path(__file__).resolve().parents[2] / "patches"
FOLDER = PATCHES / "rocblas"
KEYS = PATCHES / "keys"
KINDS = ("arch", "deb", "tar", "folder")


@dataclass(frozen=True, kw_only=True)
class Donor:
    """One donor; patches/rocblas/arch-6.4.3-3.toml says what each word means."""

    name: str
    arch: str
    kind: str
    path: str
    version: str
    recipients: tuple[str, ...]
    why: str
    upstream: str = ""
    signature: str = ""
    keys: str = ""
    sha256: str = ""
    default: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@cache
def known() -> tuple[str, ...]:
    """The donors that come with regraft."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load(name_or_path: str) -> Donor:
    """A donor by its name, or by the path of its file. SettingError says what is wrong with it."""
    if name_or_path in known():
        return _read(FOLDER / f"{name_or_path}.toml")
    if name_or_path.endswith(".toml") or "/" in name_or_path:
        return _read(Path(name_or_path).expanduser())
    raise SettingError(
        f"there is no donor {name_or_path!r}{_meant(name_or_path, known())}. Next: correct "
        f"graft_donor; there are {', '.join(known())}, or the path of a .toml of your own"
    )


@cache
def for_release(release: str) -> Donor:
    """The donor that a release gets when nothing else is said."""
    for donor in map(load, known()):
        if release in donor.default:
            return donor
    raise SettingError(
        f"no donor in {FOLDER} is the default of ROCm {release}. Next: name one: graft_donor"
    )


def trusted_keys(donor: Donor, key: str) -> bytes | None:
    """The keys that count for a donor. + key: the setting graft_donor_key; None: there are none"""
    if not key and not donor.keys:
        return None
    path = Path(key).expanduser() if key else KEYS / donor.keys
    try:
        return path.read_bytes()
    except OSError as problem:
        raise SettingError(
            f"the key file {path} cannot be read: {problem.strerror}. Next: correct "
            + ("graft_donor_key" if key else f"`keys` in the donor {donor.name}")
        ) from problem


def pinned(donor: Donor, lock: Lock) -> str:
    """The sha256 that a donor's package has to have, as far as it is known: "" before first use."""
    return donor.sha256 or str((lock.known(in_lock(donor)) or {}).get("sha256", ""))


def in_lock(donor: Donor) -> str:
    """What its table there is called."""
    return f"rocblas/{donor.name}"


def _read(path: Path) -> Donor:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise SettingError(f"the donor {path} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise SettingError(f"the donor {path} is no TOML: {problem}") from problem
    types = typing.get_type_hints(Donor)
    fields = {field.name: field for field in dataclasses.fields(Donor) if field.name != "name"}
    for word in said:
        if word not in fields:
            raise SettingError(f"{path}: there is no {word!r} in a donor{_meant(word, fields)}")
    for word, field in fields.items():
        if word not in said and field.default is dataclasses.MISSING:
            raise SettingError(f"{path}: a donor needs {word!r}; {known()[0]}.toml explains it")
    values = {word: _value(path, word, value, types[word]) for word, value in said.items()}
    return _consistent(path, Donor(name=path.stem, **values))


def _value(path: Path, word: str, value: Any, kind: Any) -> Any:
    if kind is str and isinstance(value, str):
        return value
    if kind is not str and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    wanted = "a text" if kind is str else "a list of texts"
    raise SettingError(f"{path}: {word} = {value!r} is not {wanted}")


def _consistent(path: Path, donor: Donor) -> Donor:
    """What no single word shows."""
    if donor.kind not in KINDS:
        listed = ", ".join(KINDS)
        raise SettingError(
            f"{path}: kind = {donor.kind!r} is none of {listed}{_meant(donor.kind, KINDS)}"
        )
    if donor.kind != "folder" and not donor.upstream:
        for address in (donor.path, donor.signature):
            if address and not address.startswith(("http://", "https://")):
                raise SettingError(
                    f"{path}: {address!r} is no http(s) address, and `upstream` names no row of "
                    "roles/upstream/upstreams.toml that it could follow"
                )
    if set(donor.default) - set(donor.recipients):
        raise SettingError(f"{path}: `default` names releases that `recipients` does not")
    if donor.sha256 and not is_sha256(donor.sha256):
        raise SettingError(f"{path}: sha256 = {donor.sha256!r} is not 64 hexadecimal digits")
    return donor


def is_sha256(text: str) -> bool:
    """Whether this can be one: 64 hexadecimal digits, small ones."""
    return len(text) == 64 and not text.strip("0123456789abcdef")


def _meant(word: str, there: typing.Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(there), n=1, cutoff=0.5)
    return f". Did you mean {near[0]!r}?" if near else ""
