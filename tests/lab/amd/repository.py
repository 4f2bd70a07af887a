"""An apt repository on disk: the packages, their index, and the signed Release above it."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from pathlib import Path

from . import deb
from .deb import Contents
from .keys import Keys
from .release import Package, Repository

SUITE = "noble"
HASHES = {"MD5Sum": hashlib.md5, "SHA1": hashlib.sha1, "SHA256": hashlib.sha256}


def publish(
    repository: Repository, contents: Callable[[Package], Contents], keys: Keys, root: Path
) -> None:
    """Build every package, and lay the repository out below root."""
    below = root / repository.path

    def made(package: Package) -> str:
        path = Path("pool") / repository.component / package.file
        deb.build(package, contents(package), repository.date, below / path)
        return stanza(below, path)

    with ThreadPoolExecutor() as threads:  # dpkg-deb does the work
        stanzas = dict(zip(repository.package, threads.map(made, repository.package), strict=True))
    indices: dict[str, bytes] = {}
    for architecture in repository.architectures:
        index = "".join(
            text
            for package, text in stanzas.items()
            if package.architecture in (architecture, "all")
        ).encode()
        name = f"{repository.component}/binary-{architecture}/Packages"
        indices |= {name: index, f"{name}.gz": gzip.compress(index, mtime=0)}
    text = release(repository, indices).encode()
    around, apart = keys.signed(text)
    signed = {"Release": text, "InRelease": around, "Release.gpg": apart}
    for name, content in {**indices, **signed}.items():
        path = below / "dists" / SUITE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def stanza(repository: Path, path: Path) -> str:
    """What the index says of one package."""
    file = repository / path
    control = subprocess.run(
        ["dpkg-deb", "--field", str(file)], check=True, capture_output=True, text=True
    ).stdout
    content = file.read_bytes()
    sums = {
        "MD5sum" if name == "MD5Sum" else name: of(content).hexdigest()
        for name, of in HASHES.items()
    }
    more = {"Filename": str(path), "Size": str(len(content)), **sums}
    return control + "".join(f"{name}: {text}\n" for name, text in more.items()) + "\n"


def release(repository: Repository, indices: Mapping[str, bytes]) -> str:
    """The Release file, with AMD's fields in AMD's order."""
    fields = {
        "Origin": repository.origin,
        "Label": repository.origin,
        "Suite": SUITE,
        "Codename": SUITE,
        "Version": repository.version,
        "Date": format_datetime(repository.date).replace("+0000", "UTC"),
        "Architectures": " ".join(repository.architectures),
        "Components": repository.component,
        "Description": repository.description,
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    for name, of in HASHES.items():
        rows = (f" {of(data).hexdigest()} {len(data)} {at}\n" for at, data in indices.items())
        text += f"{name}:\n" + "".join(rows)
    return text
