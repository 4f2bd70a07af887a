"""Hold a graft against a rocBLAS library folder, or see which libraries have code for a card."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from roles.graft import codeobject
from roles.graft.bundle import UnreadableError
from roles.graft.coverage import Coverage, coverage
from roles.graft.fit import Fit, fit, listing

SHOWN = 5  # reasons; a graft that does not fit may have a thousand
PACKAGES = ((".deb", "deb"), (".pkg.tar", "arch"))


class CannotLookError(Exception):
    """What we were pointed at is not there, or is nothing that we can read."""


def main() -> int:
    arguments = _arguments()
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except CannotLookError as error:
        print(error, file=sys.stderr)
        return 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m roles.graft", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="fit|coverage")

    asked = commands.add_parser("fit", help="whether every kernel is there: exit 0, or 1")
    asked.add_argument("library", type=Path, metavar="LIBRARY_DIR", help="as .../rocblas/library")
    asked.add_argument(
        "--donor", type=Path, metavar="DIR_OR_PKG", help="ask of the library grafted with this"
    )
    asked.add_argument(
        "--layout", choices=("flat", "arch-dir"), default="flat", help="how the donor is laid in"
    )
    asked.set_defaults(run=_fit)

    asked_too = commands.add_parser("coverage", help="which libraries have code for the card")
    asked_too.add_argument("path", type=Path, metavar="PATH", help="ROCm tree, venv or .whl")
    asked_too.set_defaults(run=_coverage)

    for one in (asked, asked_too):
        one.add_argument("--arch", default="gfx906", type=_arch, help="default: %(default)s")
        one.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _arch(name: str) -> str:
    if name not in codeobject.MACH.values():
        raise argparse.ArgumentTypeError(f"{name!r} is no arch that we know; write it like gfx906")
    return name


def _fit(arguments: argparse.Namespace) -> int:
    library = _folder(arguments.library)
    donor: Path | None = arguments.donor
    with tempfile.TemporaryDirectory() as into:
        given = _donor(donor, arguments.arch, Path(into)) if donor else None
        found = fit(library, arguments.arch, given, arguments.layout)
    if arguments.json:
        print(json.dumps(found.to_json(), indent=2))
    else:
        _tell_fit(found, grafted=donor is not None, layout=arguments.layout)
    return 0 if found.fits else 1


def _folder(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise CannotLookError(
            f"{folder} {what}; a folder of Tensile files is wanted. Next: ls {folder.parent}"
        )
    for inner in ("lib/rocblas/library", "rocblas/library", "torch/lib/rocblas/library"):
        if (folder / inner).is_dir():
            raise CannotLookError(
                f"{folder} holds the folder of Tensile files, but is not it. "
                f"Next: python -m roles.graft fit {folder / inner}"
            )
    try:
        return listing(folder)
    except OSError as error:
        raise CannotLookError(
            f"{error.filename} cannot be read: {error.strerror}. Next: ls -ld {error.filename}"
        ) from error


def _donor(donor: Path, arch: str, into: Path) -> dict[str, Path]:
    if not donor.is_file():
        return _folder(donor)
    from roles.graft import archive  # only a package needs it

    kind = next((kind for end, kind in PACKAGES if end in donor.name), "tar")
    try:
        return archive.unpack(donor, arch, into / "donor", kind=kind).files
    except (archive.Refused, OSError) as error:
        raise CannotLookError(f"{error}. Next: ls -l {donor}") from error


def _tell_fit(found: Fit, grafted: bool, layout: str) -> None:
    which = f" as grafted ({layout})" if grafted else ""
    print(
        f"{'fits' if found.fits else 'does not fit'}{which}: for {found.arch}, "
        f"{found.catalogs} catalogs name {found.kernels} kernels"
    )
    for reason in found.reasons[:SHOWN]:
        print(f"  {reason}")
    if len(found.reasons) > SHOWN:
        print(f"  and {len(found.reasons) - SHOWN} more; --json lists them all")
    if grafted and layout == "flat" and found.is_of_another_build:
        print(
            "The donor was built with another list of archs than the library: its kernels have "
            "other names.\nNext: try --layout arch-dir, which takes the donor's fallback catalogs "
            "along, or take another donor"
        )


def _coverage(arguments: argparse.Namespace) -> int:
    try:
        found = coverage(arguments.path, arguments.arch)
    except (UnreadableError, OSError, RuntimeError) as error:  # the last: a link to itself
        raise CannotLookError(
            f"{error}. Next: point it at a ROCm tree as /opt/rocm, a venv or a torch wheel"
        ) from error
    if arguments.json:
        print(json.dumps(found.to_json(), indent=2))
    else:
        _tell_coverage(found)
    return 0


def _tell_coverage(found: Coverage) -> None:
    print(f"{found.path}, for {found.arch}:")
    for one in found.libraries:
        word = one.how.upper() if one.lacks else one.how
        print(f"  {word:<14} {one.name} ({Path(one.path).name})")
        print(f"  {'':<14} {one.says}")
    lacking = sum(one.lacks for one in found.libraries)
    print(f"{lacking} of {len(found.libraries)} lack what {found.arch} needs")


if __name__ == "__main__":
    sys.exit(main())
