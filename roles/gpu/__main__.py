"""Look at the cards of this machine, of a captured tree, or of a saved rocminfo output."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from roles.gpu import gpus, probes, rocminfo
from roles.look import shell

# Where a captured tree may keep its KFD topology. The class folder may be a link that was not
# captured; the last is for the topology folder itself.
TOPOLOGIES = (
    "sys/class/kfd/kfd/topology",
    "sys/devices/virtual/kfd/kfd/topology",
    "topology",
    ".",
)
PCI_TREES = ("sys/bus/pci/devices", "sys/class/drm")


class CannotLookError(Exception):
    """What we were pointed at is not there, or is nothing that we can read."""


def main() -> int:
    arguments = _arguments()
    try:
        if arguments.rocminfo:
            return _report(_saved(arguments.rocminfo), arguments.json)
        wanted = _captured(arguments.root) if arguments.root else probes.live()
        found = gpus.read(_ask(wanted))
    except CannotLookError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(found.to_json()["cards"], indent=2))
    else:
        from roles.gpu import show  # rich takes longer to load than the look itself

        show.gpus(found)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m roles.gpu", description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--root", type=Path, metavar="DIR", help="a captured root, or a KFD topology folder"
    )
    source.add_argument("--rocminfo", type=Path, metavar="FILE", help="a saved rocminfo output")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _ask(wanted: dict[str, str]) -> list[str]:
    """The script's output on this machine. Bytes that are no text must not stop us."""
    result = subprocess.run(["sh", "-c", shell.script(wanted)], capture_output=True, check=False)
    return result.stdout.decode("utf-8", "replace").split("\n")


def _captured(root: Path) -> dict[str, str]:
    """What to ask of this tree: a whole root, or only a topology."""
    root = root.absolute()  # the script changes its folder
    topology = next((root / each for each in TOPOLOGIES if (root / each / "nodes").is_dir()), None)
    if topology is None and not any((root / each).is_dir() for each in PCI_TREES):
        what = "holds no card data" if root.is_dir() else "is not a folder"
        raise CannotLookError(
            f"{root} {what}: looked for {', '.join(PCI_TREES)} and topology/nodes in it. "
            f"Next: ls {root}"
        )
    return probes.captured(str(root), str(topology or root / TOPOLOGIES[0]))


def _saved(path: Path) -> rocminfo.Rocminfo:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise CannotLookError(
            f"{path} cannot be read: {error.strerror}. Next: rocminfo > {path}"
        ) from error
    return rocminfo.parse(text.split("\n"))


def _report(report: rocminfo.Rocminfo, as_json: bool) -> int:
    if as_json:
        print(json.dumps(asdict(report), indent=2))
    else:
        from roles.gpu import show

        show.rocminfo(report)
    return 1 if report.problem else 0


if __name__ == "__main__":
    sys.exit(main())
