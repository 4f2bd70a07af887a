"""rocm-smi's stand-in: its concise table, and `--version`."""

from __future__ import annotations

import sys

from .standin import LABEL, Node, driver, nodes

WIDTH = 122
HEAD = (
    "Device  Node  IDs              Temp    Power  Partitions          SCLK     MCLK     Fan  "
    "Perf  PwrCap  VRAM%  GPU%  ",
    "              (DID,     GUID)  (Edge)  (Avg)  (Mem, Compute, ID)",
)


def main() -> int:
    arguments = sys.argv[1:]
    if arguments in (["-V"], ["--version"]):
        sys.stdout.write(f"ROCM-SMI version: 3.0.0\nROCM-SMI-LIB version: @ROCM_SMI@\n{LABEL}\n")
        return 0
    if arguments:
        sys.stderr.write(f"rocm-smi: {LABEL}; it knows --version, not {arguments[0]!r}\n")
        return 2
    if driver() is None:
        sys.stderr.write("ERROR:root:Driver not initialized (amdgpu not found in modules)\n")
        return 0  # as the real one
    cards = [node for node in nodes() if node.is_gpu]
    lines = [
        *("", "", " ROCm System Management Interface ".center(WIDTH, "=")),
        " Concise Info ".center(WIDTH, "="),
        *HEAD,
        "=" * WIDTH,
        *(line(number, card) for number, card in enumerate(cards)),
        *("=" * WIDTH, " End of ROCm SMI Log ".center(WIDTH, "="), ""),
    ]
    sys.stdout.write("".join(f"{text}\n" for text in lines))
    return 0


def line(number: int, card: Node) -> str:
    heat = int(card.senses("temp1_input") or 0) / 1000
    power = int(card.senses("power1_average") or 0) / 1e6
    cap = int(card.senses("power1_cap") or 0) / 1e6
    used = 100 * int(card.shows("mem_info_vram_used")) // int(card.shows("mem_info_vram_total"))
    identity = f"0x{card.values['device_id']:04x},   {card.gpu_id:<5}"
    level = card.shows("power_dpm_force_performance_level")
    busy = card.shows("gpu_busy_percent")
    return (
        f"{number:<8}{card.number:<6}{identity}  {heat:.1f}°C  {power:.1f}W  "
        f"{'N/A, N/A, 0':<20}{clock(card, 'sclk'):<9}{clock(card, 'mclk'):<9}"
        f"{'0%':<5}{level:<6}{cap:.1f}W  {used}%     {busy}%    "
    )


def clock(card: Node, name: str) -> str:
    """The level that the driver marks as the present one."""
    levels = (row.split() for row in card.shows(f"pp_dpm_{name}").splitlines())
    return next((level[1] for level in levels if level[-1:] == ["*"]), "None")


if __name__ == "__main__":
    sys.exit(main())
