"""The compute driver's view: the GPU nodes of a KFD topology, from the text of its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NODE_FILE = re.compile(r"/nodes/(\d+)/properties$")
VRAM_HEAPS = (1, 2)  # kfd_crat.h: frame buffer that the CPU sees, and that it does not see


@dataclass(frozen=True, slots=True)
class Node:
    number: int
    pci: str
    vendor_id: int
    device_id: int
    arch: str | None
    compute_units: int | None
    vram_bytes: int | None  # of the memory banks
    local_memory_bytes: int | None  # newer kernels say 0 here; kept for the old ones
    render_node: str | None
    unique_id: str | None


def gpu_nodes(files: Mapping[str, str]) -> tuple[Node, ...]:
    """The nodes with SIMDs. A node of CPU cores alone is no card; an old APU is both."""
    nodes = []
    for path, text in files.items():
        found = NODE_FILE.search(path)
        properties = _properties(text)
        if found and properties.get("simd_count", 0) > 0 and "location_id" in properties:
            folder = path.removesuffix("/properties")
            nodes.append(_node(int(found[1]), properties, _vram(folder, files)))
    return tuple(nodes)


def arch_of(gfx_target_version: int) -> str | None:
    """`gfx906` from 90006: decimal major, minor and step, of which the last two print as hex."""
    if gfx_target_version <= 0:
        return None
    major, rest = divmod(gfx_target_version, 10_000)
    minor, step = divmod(rest, 100)
    return f"gfx{major}{minor:x}{step:x}"


def address(domain: int, location: int) -> str:
    """The PCI address as lspci -D prints it. Above 16 bits, location holds a partition number."""
    bus, device, function = location >> 8 & 0xFF, location >> 3 & 0x1F, location & 0x7
    return f"{domain:04x}:{bus:02x}:{device:02x}.{function}"


def _node(number: int, properties: Mapping[str, int], vram: int | None) -> Node:
    minor = properties.get("drm_render_minor", 0)
    unique = properties.get("unique_id", 0)
    per_unit = properties.get("simd_per_cu", 0)
    return Node(
        number=number,
        # Old kernels name no domain.
        pci=address(properties.get("domain", 0), properties["location_id"]),
        vendor_id=properties.get("vendor_id", 0),
        device_id=properties.get("device_id", 0),
        arch=arch_of(properties.get("gfx_target_version", 0)),
        compute_units=properties["simd_count"] // per_unit if per_unit > 0 else None,
        vram_bytes=vram,
        local_memory_bytes=properties.get("local_mem_size") or None,
        render_node=f"/dev/dri/renderD{minor}" if minor > 0 else None,
        unique_id=f"{unique:016x}" if unique > 0 else None,
    )


def _vram(folder: str, files: Mapping[str, str]) -> int | None:
    banks = [
        _properties(text)
        for path, text in files.items()
        if path.startswith(f"{folder}/mem_banks/") and path.endswith("/properties")
    ]
    sizes = [b.get("size_in_bytes", 0) for b in banks if b.get("heap_type") in VRAM_HEAPS]
    return sum(sizes) or None


def _properties(text: str) -> dict[str, int]:
    """Lines of `key number`; others are skipped, since a kernel may add what we do not know."""
    found = {}
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        if re.fullmatch(r"[0-9]{1,20}", value):
            found[key] = int(value)
    return found
