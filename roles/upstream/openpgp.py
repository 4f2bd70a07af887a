"""The fingerprints of the OpenPGP keys on standard input: python -m roles.upstream.openpgp

A program of its own: the library is compiled code, and it crashes in the greenlets that pyinfra
runs deploys in (segmentation fault, pysequoia 0.1.35 with gevent 26.9).
"""

from __future__ import annotations

import subprocess
import sys


def fingerprints(keys: bytes) -> list[str]:
    """Of every key, in a process of its own. ValueError says why there are none."""
    told = subprocess.run(
        [sys.executable, "-m", __name__], input=keys, capture_output=True, check=False
    )
    if told.returncode:
        raise ValueError(told.stderr.decode(errors="replace").strip().splitlines()[-1])
    return told.stdout.decode().split()


def main() -> None:
    """Print them."""
    from pysequoia import Cert

    for cert in Cert.split_bytes(sys.stdin.buffer.read()):
        sys.stdout.write(cert.fingerprint.upper() + "\n")


if __name__ == "__main__":
    main()
