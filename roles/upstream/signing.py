"""A signing key from an upstream: it is the one that was expected, or nobody gets to see it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from roles.upstream.openpgp import fingerprints

LARGEST = 1 << 20  # bytes; a key has some thousand


class KeyRefused(Exception):  # noqa: N818 - reads as what it says
    """The key is not the expected one, or cannot be had; says what was found."""


def signing_key(address: str, fingerprint: str, cache: Path) -> str:
    """
    The armoured key at an address, if it is exactly the one of this fingerprint.

    + cache: where a key that was checked is kept, so that a second run needs no network
    """
    wanted = fingerprint.replace(" ", "").upper()
    kept = cache / f"{wanted}-{hashlib.sha256(address.encode()).hexdigest()[:8]}.asc"
    if kept.exists():
        return kept.read_text()
    key = _checked(_fetch(address), wanted, address)
    cache.mkdir(parents=True, exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    half.write_text(key)
    half.replace(kept)
    return key


def _fetch(address: str) -> bytes:
    import requests  # a tenth of a second, for what a run needs once

    try:
        with requests.get(address, timeout=30, stream=True) as answer:
            answer.raise_for_status()
            return answer.raw.read(LARGEST, decode_content=True) or b""
    except requests.RequestException as problem:
        raise KeyRefused(
            f"the signing key cannot be fetched from {address}: {problem}. "
            "Next: check the network, or name a mirror: upstream_addresses in the inventory"
        ) from problem


def _checked(content: bytes, wanted: str, where: str) -> str:
    """The key as text. Several keys in one file are refused: apt would trust each of them."""
    try:
        found = fingerprints(content)
        text = content.decode("ascii")
    except ValueError as problem:  # not text, or not a key
        raise KeyRefused(f"what {where} gave is no armoured OpenPGP key: {problem}") from problem
    if found != [wanted]:
        raise KeyRefused(
            f"{where} gave the key {', '.join(found) or '(none)'}, expected was {wanted}. "
            "Next: do not go on before you know why; if it is a mirror with a key of its own: "
            "rocm_key_fingerprint in the inventory"
        )
    return text
