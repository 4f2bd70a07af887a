"""amd-smi's stand-in: of its commands, `version` and `list`, as the real one prints them."""

from __future__ import annotations

import sys

from .standin import LABEL, Node, driver, nodes

TOOL, LIBRARY = "@AMD_SMI@+@AMD_SMI_COMMIT@", "@AMD_SMI@"
NO_DRIVER = "ERROR:root:Unable to get devices, driver not initialized (amdgpu not found in modules)"
NO_CARD = (
    "ERROR:root:Unable to detect any GPU devices, check amdgpu version and module status "
    "(sudo modprobe amdgpu)"
)


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "--version":
        sys.stdout.write(f"{LABEL}\n")
        return 0
    if command not in ("version", "list"):
        sys.stderr.write(f"amd-smi: {LABEL}; it knows version and list, not {command!r}\n")
        return 2
    if driver() is None:
        sys.stderr.write(f"{NO_DRIVER}\n{NO_CARD}\n")
    if command == "version":
        sys.stdout.write(f"{' | '.join(versions())}\n")
        return 0
    cards = [node for node in nodes() if node.is_gpu] if driver() is not None else []
    for number, card in enumerate(cards):
        sys.stdout.write(listed(number, card))
    return 0


def versions() -> list[str]:
    said = [
        f"AMDSMI Tool: {TOOL}",
        f"AMDSMI Library version: {LIBRARY}",
        "ROCm version: @RELEASE@",
    ]
    version = driver()
    if version is not None:
        said += [f"amdgpu version: {version or 'N/A'}", "amd_hsmp version: N/A"]
    return said


def listed(number: int, card: Node) -> str:
    unique = card.values["unique_id"]
    uuid = (
        f"{unique >> 56:02x}ff{card.values['device_id']:04x}-0000-1000-"
        f"80{unique >> 48 & 255:02x}-{unique & 0xFFFFFFFFFFFF:012x}"
    )
    return (
        f"GPU: {number}\n    BDF: {card.address}\n    UUID: {uuid}\n"
        f"    KFD_ID: {card.gpu_id}\n    NODE_ID: {card.number}\n    PARTITION_ID: 0\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
