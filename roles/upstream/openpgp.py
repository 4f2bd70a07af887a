"""OpenPGP: the keys in a file, and who made a detached signature.

A program of its own: the library is compiled code, and it crashes in the greenlets that pyinfra
runs deploys in (segmentation fault, pysequoia 0.1.35 with gevent 26.9). It maps a signed file into
memory instead of reading it: 250 MB take 0.3 s and 6 MB.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pysequoia import Cert, Sig


class SignatureRefused(Exception):  # noqa: N818 - reads as what it says
    """The signature does not vouch for the file; says why."""


def fingerprints(keys: bytes) -> list[str]:
    """Of every key. ValueError says why there are none."""
    return _asked(keys)


def signer(file: Path, signature: Path, keys: bytes) -> str:
    """
    The fingerprint of the certificate that a good detached signature of this file was made with.

    + keys: the certificates that count, armoured or not

    A key that has expired since then counts: it is of the past that it speaks, and packages in an
    archive outlive their packagers' keys. A revoked key does not, whenever it signed: who has
    stolen a key also sets its clock.
    """
    try:
        (found,) = _asked(keys, str(file), str(signature))
    except ValueError as problem:
        raise SignatureRefused(str(problem)) from None
    return found


def _asked(keys: bytes, *arguments: str) -> list[str]:
    """What the program says, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", __name__, *arguments], input=keys, capture_output=True, check=False
    )
    if told.returncode:
        said = told.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(said[-1] if said else f"the check ended with status {told.returncode}")
    return told.stdout.decode().split()


def _made_by(file: str, signature: str, certs: list[Cert]) -> str:
    """+ certs: those that count. ValueError says why the signature does not."""
    from pysequoia import Sig, verify

    Path(file).stat()  # the library calls a file that it cannot read a bad signature
    try:
        made = Sig.from_file(signature)
    except RuntimeError:
        raise ValueError(f"{signature} is no OpenPGP signature") from None
    issuer = made.issuer_fingerprint or made.issuer_key_id or "(unnamed)"
    cert = next((cert for cert in certs if issuer in _names(cert)), None)
    if cert is None:
        raise ValueError(f"it is by the key {issuer.upper()}, none of the {len(certs)} that count")
    if cert.is_revoked:
        raise ValueError(f"it is by the key {issuer.upper()}, which its owner has revoked")
    try:
        good = verify(file=file, store=lambda _: [cert], signature=made).valid_sigs
    except RuntimeError:
        raise ValueError(_why(made, cert)) from None
    return str(good[0].certificate).upper()


def _names(cert: Cert) -> set[str | None]:
    """What a signature may call this certificate or a subkey of it."""
    from pysequoia.packet import PacketPile

    packets = list(PacketPile.from_bytes(bytes(cert)))
    return {packet.fingerprint for packet in packets} | {packet.key_id for packet in packets}


def _why(made: Sig, cert: Cert) -> str:
    """Why a known key's signature does not hold: the library tells no reasons."""
    by = f"the key {cert.fingerprint.upper()}"
    if cert.expiration and made.created and made.created > cert.expiration:
        return f"{by} made it on {made.created:%Y-%m-%d}, expired since {cert.expiration:%Y-%m-%d}"
    return f"{by} has signed something else: the file is not what its packager made"


def main() -> None:
    """Print the fingerprints on standard input, or that which signed a file: FILE SIGNATURE."""
    from pysequoia import Cert

    try:
        certs = Cert.split_bytes(sys.stdin.buffer.read())
        if len(sys.argv) > 1:
            found = [_made_by(sys.argv[1], sys.argv[2], certs)]
        else:
            found = [cert.fingerprint.upper() for cert in certs]
    except (OSError, RuntimeError, ValueError) as problem:
        sys.exit(str(problem).splitlines()[0])  # what follows is the library's own stack
    sys.stdout.write("".join(f"{one}\n" for one in found))


if __name__ == "__main__":
    main()
