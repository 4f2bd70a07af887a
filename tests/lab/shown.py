"""What the stand-in driver shows of the cards: KFD's topology, files, sensors, device nodes.

Names, order and units are the real driver's (its kernel documentation, captures of KFD's tree).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .card import Card, Contents

BOX = "-"  # owner of what needs no card
FIRST_RENDER_MINOR = 128
SLOWEST_LINK = 312  # MB/s, as KFD has it for every link
LANE = {2.5: 250, 5.0: 500, 8.0: 984, 16.0: 1969}  # MB/s a lane, by GT/s
ENABLED, BOTH_WAYS, NO_ATOMICS = 1, 2, 12  # flags of a link

# In the kernel's order; a node lacks none of the first, a processor has none of the second.
EVERY_NODE = (
    "cpu_cores_count",
    "simd_count",
    "mem_banks_count",
    "caches_count",
    "io_links_count",
    "p2p_links_count",
    "cpu_core_id_base",
    "simd_id_base",
    "max_waves_per_simd",
    "lds_size_in_kb",
    "gds_size_in_kb",
    "num_gws",
    "wave_front_size",
    "array_count",
    "simd_arrays_per_engine",
    "cu_per_simd_array",
    "simd_per_cu",
    "max_slots_scratch_cu",
    "gfx_target_version",
    "vendor_id",
    "device_id",
    "location_id",
    "domain",
    "drm_render_minor",
    "hive_id",
    "num_sdma_engines",
    "num_sdma_xgmi_engines",
    "num_sdma_queues_per_engine",
    "num_cp_queues",
)
EVERY_CARD = (
    "max_engine_clk_fcompute",
    "local_mem_size",
    "fw_version",
    "capability",
    "debug_prop",
    "sdma_fw_version",
    "unique_id",
    "num_xcc",
)


def lines(box: Contents) -> Iterator[str]:
    """The [driver] section; see card/shown.c."""
    yield from _processor(box)
    for number, card in enumerate(box.card):
        yield from _node(card, number, box)
        yield from _files("device", card, _device(card))
        yield from _files("hwmon", card, _sensors(card))
        if "power1_cap" not in card.without:
            watts = (card.power_cap, card.power_cap_least, card.power_cap_most)
            bounds = " ".join(str(watt * 1_000_000) for watt in watts)
            yield f"range {card.address} power1_cap {bounds}"
        yield f"drm {card.address} card{number}"
        yield f"drm {card.address} renderD{FIRST_RENDER_MINOR + number}"


def _files(kind: str, card: Card, files: Mapping[str, object]) -> Iterator[str]:
    for name, text in files.items():
        if name not in card.without:
            yield from _file(kind, card.address, name, text)


def _file(kind: str, owner: str, path: str, text: object) -> Iterator[str]:
    for line in str(text).split("\n"):
        yield f"{kind} {owner} {path} {line}".rstrip()


def _topology(owner: str, path: str, values: Mapping[str, int]) -> Iterator[str]:
    for name, value in values.items():
        yield f"kfd {owner} {path} {name} {value}"


def _properties(known: Mapping[str, int], names: tuple[str, ...]) -> dict[str, int]:
    return {name: known.get(name, 0) for name in names}


def _processor(box: Contents) -> Iterator[str]:
    yield f"kfd {BOX} generation_id {1 + len(box.card)}"
    yield f"kfd {BOX} system_properties platform_oem 36498768638017"
    yield f"kfd {BOX} system_properties platform_id 9220557283656155721"
    yield f"kfd {BOX} system_properties platform_rev 2"
    yield from _empty(BOX, 0)
    yield f"kfd {BOX} nodes/0/gpu_id 0"
    yield f"kfd {BOX} nodes/0/name"
    known = {
        "cpu_cores_count": box.cpu_cores,
        "mem_banks_count": 1,
        "io_links_count": len(box.card),
    }
    yield from _topology(BOX, "nodes/0/properties", _properties(known, EVERY_NODE))
    yield f"kfd {BOX} nodes/0/properties max_engine_clk_ccompute {box.cpu_mhz}"
    bank = {
        "heap_type": 0,
        "size_in_bytes": box.cpu_memory,
        "flags": 0,
        "width": 64,
        "mem_clk_max": 2666,
    }
    yield from _topology(BOX, "nodes/0/mem_banks/0/properties", bank)


def _node(card: Card, number: int, box: Contents) -> Iterator[str]:
    owner, node = card.address, number + 1
    domain, bus, function = card.address.split(":")
    yield from _empty(owner, node)
    yield f"kfd {owner} nodes/{node}/gpu_id {card.gpu_id}"
    yield f"kfd {owner} nodes/{node}/name {card.name}"
    known = {
        "mem_banks_count": 1,
        "io_links_count": 1,
        "vendor_id": 0x1002,
        "device_id": card.device,
        "location_id": int(bus, 16) << 8 | int(function.split(".")[0], 16) << 3,
        "domain": int(domain, 16),
        "drm_render_minor": FIRST_RENDER_MINOR + number,
        "unique_id": card.unique_id,
        **card.kfd,
    }
    path = f"nodes/{node}/properties"
    yield from _topology(owner, path, _properties(known, EVERY_NODE + EVERY_CARD))
    yield f"kfd {owner} {path} max_engine_clk_ccompute {box.cpu_mhz}"
    whole = card.bar_mib << 20 >= card.vram
    bank = {
        "heap_type": 1 if whole else 2,  # 1: the host reaches all of it
        "size_in_bytes": card.vram,
        "flags": 0,
        **card.memory_bank,
    }
    yield from _topology(owner, f"nodes/{node}/mem_banks/0/properties", bank)
    flags = ENABLED if card.atomics else ENABLED | NO_ATOMICS
    link = _link(card, node, 0, flags)
    yield from _topology(owner, f"nodes/{node}/io_links/0/properties", link)
    # The processor's end is there only while the card is.
    link = _link(card, 0, node, ENABLED | BOTH_WAYS)
    yield from _topology(owner, f"nodes/0/io_links/{number}/properties", link)


def _empty(owner: str, node: int) -> Iterator[str]:
    """The directories that every node has, whatever is in them."""
    for directory in ("mem_banks", "caches", "io_links", "p2p_links"):
        yield f"kfd {owner} nodes/{node}/{directory}/"


def _link(card: Card, node_from: int, node_to: int, flags: int) -> dict[str, int]:
    return {
        "type": 2,  # PCI Express
        "version_major": 0,
        "version_minor": 0,
        "node_from": node_from,
        "node_to": node_to,
        "weight": 20,
        "min_latency": 0,
        "max_latency": 0,
        "min_bandwidth": SLOWEST_LINK,
        "max_bandwidth": LANE[card.link_gts] * card.link_width,
        "recommended_transfer_size": 0,
        "recommended_sdma_engine_id_mask": 0,
        "flags": flags,
    }


def _device(card: Card) -> dict[str, object]:
    visible = min(card.vram, card.bar_mib << 20)
    return {
        "vbios_version": card.vbios,
        "product_name": "",
        "product_number": "",
        "serial_number": card.serial,
        "unique_id": f"{card.unique_id:016x}",
        "gpu_busy_percent": card.busy,
        "mem_busy_percent": 0,
        "mem_info_vram_total": card.vram,
        "mem_info_vram_used": card.vram_used,
        "mem_info_vis_vram_total": visible,
        "mem_info_vis_vram_used": min(card.vram_used, visible),
        "mem_info_vram_vendor": card.vram_vendor,
        "mem_info_gtt_total": 2 << 30,
        "mem_info_gtt_used": 11591680,
        **{name: text.strip("\n") for name, text in card.files.items()},
    }


def _sensors(card: Card) -> dict[str, object]:
    sensors: dict[str, object] = {}
    heat = (
        ("edge", card.edge, card.edge_limit),
        ("junction", card.junction, card.junction_limit),
        ("mem", card.memory, card.memory_limit),
    )
    for number, (label, now, limit) in enumerate(heat, 1):
        sensors |= {
            f"temp{number}_input": now * 1000,
            f"temp{number}_label": label,
            f"temp{number}_crit": limit * 1000,
            f"temp{number}_crit_hyst": -273150,
            f"temp{number}_emergency": (limit + 5) * 1000,
        }
    sensors |= {
        "power1_average": card.power * 1_000_000,
        "power1_label": "PPT",
        "power1_cap_min": card.power_cap_least * 1_000_000,
        "power1_cap_max": card.power_cap_most * 1_000_000,
        "power1_cap_default": card.power_cap * 1_000_000,
        "in0_input": card.millivolt,
        "in0_label": "vddgfx",
        "freq1_input": card.core_mhz * 1_000_000,
        "freq1_label": "sclk",
        "freq2_input": card.memory_mhz * 1_000_000,
        "freq2_label": "mclk",
    }
    if card.fan_rpm is not None:
        sensors |= {
            "fan1_input": card.fan_rpm,
            "fan1_enable": 0,
            "fan1_min": 0,
            "fan1_max": card.fan_rpm_most,
            "pwm1": 255 * card.fan_rpm // card.fan_rpm_most,
            "pwm1_enable": 2,
            "pwm1_min": 0,
            "pwm1_max": 255,
        }
    return sensors
