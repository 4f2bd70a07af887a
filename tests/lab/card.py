"""What a stand-in box shows of its cards, as text for the lab's two kernel modules.

A file in cards/ says which models are in which slots; a model is a file in cards/models/. The
modules know nothing of cards: what they answer is compiled here (card/slot.c and card/shown.c
describe the text). A test varies a value by name instead of adding a file:

    card.tree("mi50", junction=101)
    card.tree("two-mi50", link_width=4, above_4g=False)
"""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

from . import configspace, shown
from .configspace import Identity, Link, Space
from .need import LabError

SOURCE = Path(__file__).resolve().parent / "card"  # of the modules
CARDS = Path(__file__).resolve().parent / "cards"

AMD_GRAPHICS, AMD = 0x1002, 0x1022
BRIDGE, SOUND = 0x060400, 0x040300
BEST = Link(16.0, 16)  # of the card, and of the slots it is put into
WINDOW_BELOW_4G = "window memory e0000000 fbffffff"
WINDOW_ABOVE_4G = "window prefetch 58000000000 5ffffffffff"
ADDRESS = re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.0")
BEHIND = ("switch", "slot", "nothing")


@dataclass(frozen=True, kw_only=True)
class Card:
    """One card: where it is, what it says of itself, and how it feels just now."""

    model: str
    address: str  # as lspci -D prints it
    behind: str = "switch"  # on its board; "slot": right in a slot; "nothing": on the root bus

    product: str
    device: int
    revision: int
    subsystem: tuple[int, int]
    class_code: int
    switch: tuple[int, int]  # device ids of the ports on its board
    sound: int | None = None  # device id of the function for sound
    link_gts: float = BEST.gts  # the slot's link, as it runs
    link_width: int = BEST.width
    atomics: bool = True
    bar_mib: int
    bar_mib_offered: tuple[int, ...] = ()  # none: it cannot be resized
    rom_kib: int

    vbios: str
    vram: int
    vram_used: int = 10850304
    vram_vendor: str
    serial: str = ""
    unique_id: int
    gpu_id: int
    name: str  # in the KFD topology
    kfd: Mapping[str, int]  # its node's properties, but for those that are known otherwise
    memory_bank: Mapping[str, int]
    files: Mapping[str, str]  # further ones, word for word

    busy: int = 0  # per cent
    edge: int  # degrees Celsius
    junction: int
    memory: int
    edge_limit: int
    junction_limit: int
    memory_limit: int
    power: int  # watts
    power_cap: int
    power_cap_least: int
    power_cap_most: int
    millivolt: int
    core_mhz: int
    memory_mhz: int
    fan_rpm: int | None = None  # None: it has no fan
    fan_rpm_most: int = 0
    without: tuple[str, ...] = ()  # files that this driver or card lacks, by name

    def __post_init__(self) -> None:
        if not ADDRESS.fullmatch(self.address):
            raise LabError(f"{self.address!r} is no address. Next: one like 0010:03:00.0")
        if self.behind not in BEHIND:
            raise LabError(f"{self.address}: behind is one of {', '.join(BEHIND)}")
        if self.link_gts not in configspace.SPEEDS:
            raise LabError(f"{self.address}: no link runs at {self.link_gts} GT/s")
        for size in (self.bar_mib, *self.bar_mib_offered):
            if size < 1 or size & size - 1:
                raise LabError(f"{self.address}: a BAR of {size} MiB is no power of two")

    @property
    def bus(self) -> int:
        """The bus that it is on."""
        return int(self.address.split(":")[1], 16)

    @property
    def slot_link(self) -> Link:
        """What runs between the slot and the card."""
        return Link(self.link_gts, self.link_width)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What is in a box, and how the box is seen from the cards."""

    card: tuple[Card, ...]
    above_4g: bool = True  # the firmware's option; without it a large BAR finds no place
    cpu_cores: int = 2
    cpu_mhz: int = 3700
    cpu_memory: int = 4 << 30


def names() -> list[str]:
    """What can be put into a box."""
    return sorted(path.stem for path in CARDS.glob("*.toml"))


def digest() -> str:
    """Of the modules' sources: another one is another build."""
    found = hashlib.sha256()
    for path in (SOURCE / "Kbuild", *sorted(SOURCE.glob("*.[ch]"))):
        found.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def tree(name: str, /, **changes: Any) -> bytes:
    """The text for the modules: contents of this name, with changes.

    + changes: fields of `Contents`, or of `Card` and then for every card in the box; a mapping
      (`files`, `kfd`) adds to what is there
    """
    return compiled(contents(name, **changes))


def contents(name: str, /, **changes: Any) -> Contents:
    """What a file in cards/ says, with changes; see `tree`. Its cards can be varied one by one."""
    if name not in names():
        raise LabError(f"no cards called {name!r}. Next: one of {', '.join(names())}")
    said = tomllib.loads((CARDS / f"{name}.toml").read_text())
    of_box = {field.name for field in fields(Contents)}
    cards = tuple(_card(entry, name) for entry in said.pop("card"))
    of_cards = {key: value for key, value in changes.items() if key not in of_box}
    _check(of_cards, Card, "a change")
    _check(said, Contents, f"{name}.toml")
    box = Contents(card=tuple(vary(card, **of_cards) for card in cards), **said)
    return replace(box, **{key: value for key, value in changes.items() if key in of_box})


def vary(card: Card, /, **changes: Any) -> Card:
    """The same card with other values; a mapping adds to what is there."""
    for key, value in changes.items():
        if isinstance(value, Mapping):
            changes[key] = {**getattr(card, key), **value}
    return replace(card, **changes)


def _card(entry: dict[str, Any], where: str) -> Card:
    model = CARDS / "models" / f"{entry.get('model')}.toml"
    if not model.exists():
        known = ", ".join(sorted(path.stem for path in model.parent.glob("*.toml")))
        raise LabError(f"{where}.toml: no model {entry.get('model')!r}. Next: one of {known}")
    said = tomllib.loads(model.read_text())
    for key, value in entry.items():
        said[key] = {**said[key], **value} if isinstance(value, dict) else value
    _check(said, Card, f"{where}.toml with {model.name}")
    missing = [
        field.name for field in fields(Card) if field.default is MISSING and field.name not in said
    ]
    if missing:
        raise LabError(f"{where}.toml with {model.name} lacks {', '.join(missing)}")
    for key, value in said.items():
        said[key] = tuple(value) if isinstance(value, list) else value
    return Card(**said)


def _check(said: Mapping[str, Any], kind: type[Card] | type[Contents], where: str) -> None:
    known = [field.name for field in fields(kind)]
    for key in said:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1) or known
            raise LabError(f"{where}: no {key!r} here. Next: {', '.join(near)}")


def compiled(box: Contents) -> bytes:
    """The text that the two modules read."""
    lines = ["[slot]", *_slot(box), "[driver]", *shown.lines(box)]
    return "".join(f"{line}\n" for line in lines).encode()


def _slot(box: Contents) -> Iterator[str]:
    if not box.card:
        return
    domains = {card.address.split(":")[0] for card in box.card}
    if len(domains) > 1:
        raise LabError(f"all cards are in one domain, these are in {', '.join(sorted(domains))}")
    domain = domains.pop()
    yield f"bus {domain} ff"
    yield WINDOW_BELOW_4G
    if box.above_4g:
        yield WINDOW_ABOVE_4G
    taken: set[str] = set()
    for number, card in enumerate(box.card, 1):
        for address, space in _functions(card, f"{domain}:00:{number:02x}.0"):
            if address in taken:
                raise LabError(f"{card.address}: {address} is taken by the card before it")
            taken.add(address)
            yield from space.lines(address)


def _functions(card: Card, root_port: str) -> Iterator[tuple[str, Space]]:
    domain = card.address.split(":")[0]
    first = card.bus - 2 if card.behind == "switch" else card.bus
    if card.behind != "nothing":
        if first < 1:
            raise LabError(f"{card.address}: a card behind its switch is on bus 03 or later")
        identity = Identity(AMD, 0x1483, BRIDGE)  # as on Ryzen and EPYC boards
        buses = (0, first, card.bus)
        link = card.slot_link
        yield root_port, configspace.port(identity, configspace.ROOT_PORT, buses, link, BEST)
    if card.behind == "switch":
        up, down = card.switch
        identity = Identity(AMD_GRAPHICS, up, BRIDGE, card.revision)
        buses = (first, first + 1, card.bus)
        upstream = configspace.port(identity, configspace.UPSTREAM, buses, card.slot_link, BEST)
        yield f"{domain}:{first:02x}:00.0", upstream
        identity = Identity(AMD_GRAPHICS, down, BRIDGE)
        buses = (first + 1, card.bus, card.bus)
        downstream = configspace.port(identity, configspace.DOWNSTREAM, buses, BEST, BEST)
        yield f"{domain}:{first + 1:02x}:00.0", downstream
    link = BEST if card.behind == "switch" else card.slot_link
    yield (
        card.address,
        configspace.display(
            Identity(AMD_GRAPHICS, card.device, card.class_code, card.revision, card.subsystem),
            link,
            best=BEST,
            bar=card.bar_mib << 20,
            offered=tuple(size << 20 for size in card.bar_mib_offered),
            rom=card.rom_kib << 10,
            atomics=card.atomics,
            more=card.sound is not None,
        ),
    )
    if card.sound is not None:
        identity = Identity(AMD_GRAPHICS, card.sound, SOUND, 0, (AMD_GRAPHICS, card.sound))
        yield f"{card.address[:-1]}1", configspace.sound(identity, link, BEST)
