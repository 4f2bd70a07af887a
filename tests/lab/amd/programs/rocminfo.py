"""rocminfo's stand-in: the output and the exit status are the real program's."""

from __future__ import annotations

import grp
import os
import pwd
import sys
from collections.abc import Iterator

from .standin import LABEL, ROOT, Node, driver, nodes, text

RED, WHITE, PLAIN = "\x1b[31m", "\x1b[37m", "\x1b[0m"
RUNTIME, EXTENSION = "@HSA@", "@HSA_EXTENSION@"
SRAM_ECC, COHERENT = 0x04000000, 0x10000000  # bits of a node's capability
WITH_FEATURES = ("gfx906", "gfx908", "gfx90a")  # archs whose ISA says sramecc and xnack


def main() -> int:
    if "--version" in sys.argv[1:]:
        print_lines([LABEL, "ROCm @RELEASE@"])
        return 0
    refused = list(check())
    print_lines(refused)
    if len(refused) > 1 or "NOT" in refused[0]:
        return 1
    print_lines(system())
    for number, node in enumerate(nodes(), 1):
        print_lines(["*******", f"Agent {number}", "*******", *agent(node)])
    print_lines(["*** Done ***"])
    return 0


def print_lines(lines: list[str] | Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def check() -> Iterator[str]:
    """What it says of the driver and of /dev/kfd; more than a line means that it ends here."""
    version = driver()
    if version is None:
        state = "live" if text("/sys/module/amdgpu/initstate") else "loaded"
        yield f"{RED}ROCk module is NOT {state}, possibly no GPU devices{PLAIN}"
        return
    of_version = f" version {version}" if version else ""
    yield f"{WHITE}ROCk module{of_version} is loaded{PLAIN}"
    device = f"{ROOT}/dev/kfd"
    try:
        os.close(os.open(device, os.O_RDWR))
    except OSError as problem:
        yield f"{RED}Unable to open /dev/kfd read-write: {problem.strerror}{PLAIN}"
        there = os.path.exists(device)
        group = grp.getgrgid(os.stat(device).st_gid).gr_name if there else "video"
        yield f"{membership(group)}"


def membership(group: str) -> str:
    try:
        user = os.getlogin()
    except OSError:
        return f"{RED}Failed to get user name to check for {group} group membership{PLAIN}"
    if grp.getgrnam(group).gr_gid in os.getgrouplist(user, pwd.getpwnam(user).pw_gid):
        return f"{WHITE}{user} is member of {group} group{PLAIN}"
    return (
        f'{RED}{user} is not member of "{group}" group, the default DRM access group. Users must '
        f'be a member of the "{group}" group or another DRM access group in order for ROCm '
        f"applications to run successfully{PLAIN}."
    )


def row(label: str, value: object, depth: int = 0) -> str:
    return f"{'  ' * depth}{label:<25}{value!s:<35}"


def both(value: int) -> str:
    """A number as it prints most of them."""
    return f"{value}(0x{value:x}) "


def system() -> Iterator[str]:
    yield from (
        "=====================    ",
        "HSA System Attributes    ",
        "=====================    ",
    )
    yield f"{'Runtime Version:':<25}{RUNTIME}"
    yield f"{'Runtime Ext Version:':<25}{EXTENSION}"
    yield f"{'System Timestamp Freq.:':<25}1000.000000MHz"
    longest = 2**64 - 1
    yield f"{'Sig. Max Wait Duration:':<25}{longest} (0x{longest:X}) (timestamp count)"
    yield row("Machine Model:", "LARGE")
    yield row("System Endianness:", "LITTLE")
    for label, value in (("Mwaitx:", "DISABLED"), ("XNACK enabled:", "NO")):
        yield f"{label:<25}{value}"
    yield f"{'DMAbuf Support:':<25}YES"
    yield f"{'VMM Support:':<25}YES"
    yield from (
        "",
        "==========               ",
        "HSA Agents               ",
        "==========               ",
    )


def agent(node: Node) -> Iterator[str]:
    yield from identity(node)
    yield from numbers(node)
    yield from gpu(node) if node.is_gpu else (row("Features:", "None", 1),)
    yield row("Pool Info:", "", 1)
    for number, (segment, size, granule) in enumerate(pools(node), 1):
        shared = "TRUE" if not node.is_gpu else "FALSE"
        allocatable = "TRUE" if granule else "FALSE"
        yield row(f"Pool {number}", "", 2)
        yield row("Segment:", segment, 3)
        yield row("Size:", f"{both(size)}KB", 3)
        yield row("Allocatable:", allocatable, 3)
        yield row("Alloc Granule:", "4KB" if granule else "0KB", 3)
        yield row("Alloc Recommended Granule:", f"{granule}KB", 3)
        yield row("Alloc Alignment:", "4KB" if granule else "0KB", 3)
        yield row("Accessible by all:", shared, 3)
    yield row("ISA Info:", "", 1)
    if node.is_gpu:
        yield from isa(node)


def identity(node: Node) -> Iterator[str]:
    name = node.marketing_name if node.is_gpu else processor()
    unique = node.values.get("unique_id", 0)
    uuid = f"GPU-{unique:016x}" if unique else "GPU-XX"
    yield row("Name:", node.name if node.is_gpu else name, 1)
    yield row("Uuid:", uuid if node.is_gpu else "CPU-XX", 1)
    yield row("Marketing Name:", name, 1)
    yield row("Vendor Name:", "AMD" if node.is_gpu else "CPU", 1)
    yield row("Feature:", "KERNEL_DISPATCH" if node.is_gpu else "None specified", 1)
    yield row("Profile:", "BASE_PROFILE" if node.is_gpu else "FULL_PROFILE", 1)
    yield row("Float Round Mode:", "NEAR", 1)
    queues = (128, 64, 131072) if node.is_gpu else (0, 0, 0)
    labels = ("Max Queue Number:", "Queue Min Size:", "Queue Max Size:")
    for label, value in zip(labels, queues, strict=True):
        yield row(label, both(value), 1)
    yield row("Queue Type:", "MULTI", 1)
    yield row("Node:", node.number, 1)
    yield row("Device Type:", "GPU" if node.is_gpu else "CPU", 1)


def processor() -> str:
    rows = (line.partition(":") for line in text("/proc/cpuinfo").splitlines())
    return next((value.strip() for key, _, value in rows if key.startswith("model name")), "CPU")


def numbers(node: Node) -> Iterator[str]:
    known = node.values
    clock = "max_engine_clk_fcompute" if node.is_gpu else "max_engine_clk_ccompute"
    units = known["simd_count"] // known["simd_per_cu"] if node.is_gpu else 0
    arrays = known["simd_arrays_per_engine"]
    yield row("Chip ID:", both(known["device_id"]), 1)
    yield row("ASIC Revision:", both(known.get("capability", 0) >> 22 & 15), 1)
    yield row("Cacheline Size:", both(64), 1)
    yield row("Max Clock Freq. (MHz):", known[clock], 1)
    yield row("BDFID:", known["location_id"], 1)
    yield row("Internal Node ID:", node.number, 1)
    yield row("Compute Unit:", units or known["cpu_cores_count"], 1)
    yield row("SIMDs per CU:", known["simd_per_cu"], 1)
    yield row("Shader Engines:", known["array_count"] // (arrays or 1), 1)
    yield row("Shader Arrs. per Eng.:", arrays, 1)
    yield row("WatchPts on Addr. Ranges:", 4 if node.is_gpu else 1, 1)
    if node.is_gpu:
        coherent = "TRUE" if known["capability"] & COHERENT else "FALSE"
        yield row("Coherent Host Access:", coherent, 1)
    yield row("Memory Properties:", "", 1)


def gpu(node: Node) -> Iterator[str]:
    known = node.values
    waves = known["max_waves_per_simd"] * known["simd_per_cu"]
    yield row("Features:", "KERNEL_DISPATCH ", 1)
    yield row("Fast F16 Operation:", "TRUE", 1)
    yield row("Wavefront Size:", both(known["wave_front_size"]), 1)
    yield from workgroup(1)
    yield row("Max Waves Per CU:", both(waves), 1)
    yield row("Max Work-item Per CU:", both(waves * known["wave_front_size"]), 1)
    yield from grid(1)
    yield row("Max fbarriers/Workgrp:", 32, 1)
    yield row("Packet Processor uCode::", known["fw_version"] & 0x3FF, 1)
    yield row("SDMA engine uCode::", known["sdma_fw_version"] & 0x3FF, 1)
    yield row("IOMMU Support::", "None", 1)


def workgroup(depth: int) -> Iterator[str]:
    yield row("Workgroup Max Size:", both(1024), depth)
    yield row("Workgroup Max Size per Dimension:", "", depth)
    yield from (row(axis, both(1024), depth + 1) for axis in "xyz")


def grid(depth: int) -> Iterator[str]:
    most = 2**32 - 1
    yield row("Grid Max Size:", both(most), depth)
    yield row("Grid Max Size per Dimension:", "", depth)
    yield from (row(axis, both(most), depth + 1) for axis in "xyz")


def pools(node: Node) -> Iterator[tuple[str, int, int]]:
    """Segment, size in KB, recommended granule in KB; granule 0: nothing can be allocated."""
    size = node.memory // 1024
    if node.is_gpu:
        yield "GLOBAL; FLAGS: COARSE GRAINED", size, 2048
        yield "GLOBAL; FLAGS: EXTENDED FINE GRAINED", size, 2048
        yield "GROUP", node.values["lds_size_in_kb"], 0
    else:
        for flags in ("FINE", "EXTENDED FINE", "KERNARG, FINE", "COARSE"):
            yield f"GLOBAL; FLAGS: {flags} GRAINED", size, 4


def isa(node: Node) -> Iterator[str]:
    features = ""
    if node.name in WITH_FEATURES:
        features = f":sramecc{'+' if node.values['capability'] & SRAM_ECC else '-'}:xnack-"
    yield row("ISA 1", "", 2)
    yield row("Name:", f"amdgcn-amd-amdhsa--{node.name}{features}", 3)
    yield row("Machine Models:", "HSA_MACHINE_MODEL_LARGE", 3)
    yield row("Profiles:", "HSA_PROFILE_BASE", 3)
    yield row("Default Rounding Mode:", "NEAR", 3)
    yield row("Default Rounding Mode:", "NEAR", 3)
    yield row("Fast f16:", "TRUE", 3)
    yield from workgroup(3)
    yield from grid(3)
    yield row("FBarrier Max Size:", 32, 3)


if __name__ == "__main__":
    sys.exit(main())
