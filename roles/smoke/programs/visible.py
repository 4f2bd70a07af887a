"""Does torch see the cards that the compute driver shows, with the right arch and memory?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from roles.smoke.programs.part import Part, Step, Told

GIB = 2**30
NEAR = 0.1  # of the memory may be kept back by the driver


def about(torch: Any) -> dict[str, Any]:
    """What this torch is, and what it sees."""
    return {
        "version": str(torch.__version__),
        "path": str(Path(torch.__file__).parent),
        "hip": torch.version.hip,
        "cuda": torch.version.cuda,
        "devices": [_device(torch, number) for number in range(torch.cuda.device_count())],
    }


def _device(torch: Any, number: int) -> dict[str, Any]:
    properties = torch.cuda.get_device_properties(number)
    arch = f"sm_{properties.major}{properties.minor}"
    if torch.version.hip:
        arch = properties.gcnArchName.partition(":")[0]
    ids = [getattr(properties, f"pci_{name}_id", -1) for name in ("domain", "bus", "device")]
    pci = "" if -1 in ids else "{:04x}:{:02x}:{:02x}.0".format(*ids)
    return {
        "name": properties.name,
        "arch": arch,
        "memory_bytes": properties.total_memory,
        "pci": pci,
    }


def run(torch: Any, device: Any, told: Told) -> Iterator[Step]:
    """Each card that either of them sees."""
    seen = about(torch)["devices"]
    if device is None:
        yield Step("cards", lambda: Part("pending", "torch sees no card"))
        return
    if torch.version.hip:
        yield Step("cards", partial(_counted, seen, told))
    for number in of_arch(seen, told.arch) or range(len(seen)):
        yield Step(f"card {number}", partial(_judged, seen[number], told))


def of_arch(devices: Sequence[Mapping[str, Any]], arch: str) -> list[int]:
    """The numbers of those that are meant: another card may be there for the screen."""
    return [number for number, one in enumerate(devices) if one["arch"] == arch]


def _counted(seen: list[dict[str, Any]], told: Told) -> Part:
    ours = len(of_arch(seen, told.arch))
    figures = {"torch": ours, "kfd": len(told.cards)}
    if ours == len(told.cards):
        return Part("pass", figures=figures)
    said = f"torch sees {ours} of the {len(told.cards)} {told.arch} cards that the driver has"
    return Part("fail", f"{said}: is one hidden by HIP_VISIBLE_DEVICES?", figures)


def _judged(one: Mapping[str, Any], told: Told) -> Part:
    if one["arch"] != told.arch:
        return Part("fail", f"{one['name']} is {one['arch']}, not {told.arch}", one)
    place = {str(card["pci"]): card for card in told.cards}
    if place and one["pci"] and one["pci"] not in place:
        return Part("fail", f"the driver shows no card at {one['pci']}", one)
    shown = place.get(one["pci"])
    if shown and shown["vram_bytes"]:
        off = abs(one["memory_bytes"] - shown["vram_bytes"]) / shown["vram_bytes"]
        if off > NEAR:
            used = f"{one['memory_bytes'] / GIB:.1f} of {shown['vram_bytes'] / GIB:.1f} GiB"
            return Part("fail", f"torch may use {used}", one)
    return Part("pass", figures=one)
