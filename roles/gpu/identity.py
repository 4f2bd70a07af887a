"""Which card this is: the name that its chip, its ids and its VBIOS together allow.

Compute units and VRAM are the chip's own. The ids and the VBIOS version come with a VBIOS that
anyone can flash. Where the two sides disagree, the name says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from roles.gpu.card import Card
from roles.gpu.known import KnownCard, Vbios, hex4, known


def name(card: Card) -> str:
    """`Instinct MI50 32 GB, flashed with a Radeon Pro VII (Apple) VBIOS`; a family when unsure."""
    claimed = [each for each in known().cards if hex4(card.device_id) in each.devices]
    if not claimed:
        return f"AMD card {hex4(card.vendor_id)}:{hex4(card.device_id)}"
    real = [each for each in claimed if _fits(each, card)]
    flashed_as = None
    if not real:
        real = _same_chip(claimed[0].arch, card)
        flashed_as = _families(claimed) if real else None
        real = real or claimed
    real = _on_this_board(real, card)
    vbios = _vbios(card.vbios)
    if vbios is not None:
        at_home = [each for each in real if each.name in vbios.cards]
        flashed_as = None if at_home else vbios.made_for
        real = at_home or real
    return _families(real) + (f", flashed with {_article(flashed_as)} VBIOS" if flashed_as else "")


def _fits(candidate: KnownCard, card: Card) -> bool:
    return candidate.fits(card.compute_units, card.vram_bytes)


def _same_chip(arch: str, card: Card) -> list[KnownCard]:
    """The cards whose chip has the measured compute units and VRAM, whatever its ids say."""
    same_arch = [each for each in known().cards if each.arch == arch and _fits(each, card)]
    return [each for each in same_arch if None not in (each.compute_units, each.vram_gib)]


def _on_this_board(candidates: list[KnownCard], card: Card) -> list[KnownCard]:
    """Without the cards that are known to come on other boards, if one comes on this board.

    Makers' boards that we do not know are many, so an unknown board rules nothing out.
    """
    if card.subsystem_vendor_id is None or card.subsystem_id is None:
        return candidates
    board = f"{hex4(card.subsystem_vendor_id)}:{hex4(card.subsystem_id)}"
    if not any(board in each.subsystems for each in candidates):
        return candidates
    return [each for each in candidates if board in each.subsystems or not each.subsystems]


def _vbios(version: str | None) -> Vbios | None:
    return next((row for row in known().vbios if (version or "").startswith(row.begins)), None)


def _families(candidates: Sequence[KnownCard]) -> str:
    """One card's name, or the families of several: `Instinct MI50 or Radeon Pro VII`."""
    if len(candidates) == 1:
        return candidates[0].name
    *others, last = dict.fromkeys(each.family or each.name for each in candidates)
    return f"{', '.join(others)} or {last}" if others else last


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"
