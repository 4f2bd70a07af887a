"""What the package of a graft holds: files, control and maintainer scripts. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roles.graft.deb import Member
from roles.graft.fit import laid, listing
from roles.graft.order import Graft
from roles.look.shell import snippet

SCRIPTS = Path(__file__).with_name("maintainer")
# Whoever changes what is written here, counts FORM up: order.py.
KEPT = "/var/lib/regraft/graft"  # what the trigger found, a file a package


def files(graft: Graft, donor: Mapping[str, Path]) -> dict[str, Path]:
    """The donor's files by name, in the order in which they are to be put in place.

    The lazy catalog comes last: until it is there, rocBLAS sees none of them.
    """
    lazy = f"TensileLibrary_lazy_{graft.arch}.dat"
    taken = laid({}, graft.arch, donor, graft.layout)
    return {name: taken[name] for name in sorted(taken, key=lambda name: (name == lazy, name))}


def members(graft: Graft, donor: Mapping[str, Path], provenance: Mapping[str, Any]) -> list[Member]:
    """Every file of the package."""
    taken = files(graft, donor)
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in taken.items()}
    manifest = "".join(f"{sums[name]}  {graft.folder}/{name}\n" for name in taken)
    doc = f"/usr/share/doc/{graft.name}"
    told = json.dumps(provenance, indent=1, sort_keys=True) + "\n"
    texts = {
        graft.manifest: manifest,
        f"{graft.share}/provenance.json": told,
        f"{doc}/copyright": (SCRIPTS / "copyright").read_text(),
        f"/usr/share/lintian/overrides/{graft.name}": (SCRIPTS / "lintian-overrides").read_text(),
    }
    return [
        *(Member(path, text.encode()) for path, text in texts.items()),
        *(Member(f"{graft.folder}/{name}", path) for name, path in taken.items()),
    ]


def control(graft: Graft) -> dict[str, str]:
    """The fields of its control file."""
    recipient = graft.recipient
    one_of_a_kind = f"regraft-graft-{recipient.prefix.rpartition('/')[2]}-{graft.arch}"
    return {
        "Package": graft.name,
        "Version": graft.version,
        "Architecture": "amd64",
        "Maintainer": "regraft <regraft@localhost>",
        "Depends": f"{recipient.package} (= {recipient.version})",
        "Provides": one_of_a_kind,
        "Conflicts": one_of_a_kind,
        "Section": "science",
        "Priority": "optional",
        "Description": f"rocBLAS kernels for {graft.arch}, which AMD has left out\n"
        f" Files of rocBLAS {graft.donor}, checked against the catalogs of\n"
        f" {recipient.package} {recipient.version}: every kernel that these\n"
        " name is there.",
    }


def scripts(graft: Graft) -> dict[str, str]:
    """Maintainer scripts, and the trigger that verifies the files after any run of apt."""
    given = {
        "package": graft.name,
        "arch": graft.arch,
        "library": graft.recipient.library,
        "aside": graft.aside,
        "manifest": graft.manifest,
        "kept": KEPT,
        "linked": "" if graft.layout == "flat" else f"../regraft-{graft.arch}",
    }
    names = ("preinst", "postinst", "prerm", "postrm")
    shell = {name: "#!/bin/sh\n" + snippet(SCRIPTS / f"{name}.sh", **given) for name in names}
    return {**shell, "triggers": f"interest-noawait {graft.recipient.library}\n"}


def digest(folder: Path) -> str:
    """Of the fallback catalogs in a folder, as `ask/catalogs.sh` forms it on a box."""
    sums = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n"
        for name, path in sorted(listing(folder).items())
        if name.endswith("_fallback.dat")
    )
    return hashlib.sha256("".join(sums).encode()).hexdigest()
