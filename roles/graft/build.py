"""A graft's package, built on the controller once for all boxes that it fits.

A program of its own, `python -m roles.graft.build`: it takes its time and its cores without holding
up the other boxes of a run, and is told in JSON what to build.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from roles.graft import deb, package, wheel
from roles.graft.archive import Unpacked
from roles.graft.donor import Donor, load, trusted_keys
from roles.graft.fit import fit, listing
from roles.graft.obtain import PROBLEMS, obtain
from roles.graft.order import Built, Graft, Order, Recipient, known
from roles.settings import SettingError
from roles.upstream.alone import alone
from roles.upstream.lock import Lock
from roles.work import worker

KEPT = 4  # packages in the cache; each has up to 150 MB
SHOWN = 3  # reasons why a donor does not fit; there may be a thousand


class DoesNotFit(Exception):  # noqa: N818 - reads as what it says
    """The donor has not every kernel that the recipient will ask for; says which."""


def donated(order: Order, say: Callable[[str], None]) -> Unpacked:
    """The donor's files here, which are the same for all recipients."""
    giver = load(order.donor)
    return obtain(
        giver,
        order.addresses,
        Path(order.cache) / "donors",
        Lock(Path(order.lock)),
        keys=trusted_keys(giver, order.key),
        sha256=order.sha256,
        say=say,
    )


def build(order: Order, recipient: Recipient, catalogs: Path, say: Callable[[str], None]) -> Built:
    """Fetch the donor, prove that it fits, and write the package; each once."""
    giver, got = load(order.donor), donated(order, say)
    graft = known(order, recipient)
    assert graft, "what was obtained is in the lock"
    into = Path(order.cache) / "grafts" / _file(graft)
    into.parent.mkdir(parents=True, exist_ok=True)
    with alone(into.parent, lambda: say("another box of this run is having it built")):
        if not into.exists():
            say(f"building {graft.name} {graft.version}")
            _write(graft, giver, got.files, _proven(graft, giver, catalogs, got.files), into)
            _forget_old(into.parent)
        into.touch()
    return _built(graft, got.files, into)


def _proven(
    graft: Graft, giver: Donor, catalogs: Path, files: Mapping[str, Path]
) -> dict[str, int]:
    """How much the fit has found; DoesNotFit names what is missing."""
    found = fit(listing(catalogs), graft.arch, files, graft.layout)
    if not found.fits:
        reasons = found.reasons
        more = f"; and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
        apart = (
            ", or graft_layout = 'arch-dir', which takes the donor's own catalogs along"
            if found.is_of_another_build and graft.layout == "flat" and not graft.recipient.is_wheel
            else ""
        )
        raise DoesNotFit(
            f"the donor {giver.name} does not fit {graft.recipient.package} "
            f"{graft.recipient.version}: {'; '.join(reasons[:SHOWN])}{more}. "
            f"Next: another donor (graft_donor){apart}"
        )
    return {"catalogs": found.catalogs, "kernels": found.kernels}


def _write(
    graft: Graft, giver: Donor, files: Mapping[str, Path], proven: Mapping[str, int], into: Path
) -> None:
    provenance: dict[str, Any] = {
        "donor": {
            word: value for word, value in dataclasses.asdict(giver).items() if word != "notes"
        },
        "sha256": graft.source,
        "recipient": dataclasses.asdict(graft.recipient),
        "layout": graft.layout,
        "fit": proven,
    }
    if graft.recipient.is_wheel:
        wheel.write(graft, files, provenance, into)
        return
    members = package.members(graft, files, provenance)
    deb.write(package.control(graft), package.scripts(graft), members, into)


def _file(graft: Graft) -> str:
    if graft.recipient.is_wheel:
        return f"{wheel.stem(graft)}-py3-none-any.whl"
    return f"{graft.name}_{graft.version}_amd64.deb"


def _forget_old(folder: Path) -> None:
    """Keep the packages that were used last."""
    packages = sorted(
        folder.glob("regraft[-_]*"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in packages[KEPT:]:
        path.unlink(missing_ok=True)


def _built(graft: Graft, files: Mapping[str, Path], path: Path) -> Built:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    unpacked = sum(one.stat().st_size for one in package.files(graft, files).values())
    version = graft.wheel_version if graft.recipient.is_wheel else graft.version
    return Built(graft.name, version, str(path), digest, path.stat().st_size, unpacked)


def _asked(told: dict[str, Any], say: Callable[[str], None]) -> Any:
    order, recipient = Order(**told["order"]), Recipient(**told["recipient"])
    return dataclasses.asdict(build(order, recipient, Path(told["catalogs"]), say))


if __name__ == "__main__":
    sys.exit(worker(_asked, (*PROBLEMS, DoesNotFit, SettingError)))
