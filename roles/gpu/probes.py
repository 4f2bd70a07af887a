"""The questions that this room asks a box: the KFD topology, the PCI functions, and rocminfo.

A root before every path lets the same script read a captured tree.
"""

from __future__ import annotations

import shlex

from roles.look import shell

TOPOLOGY = "/sys/class/kfd/kfd/topology"

FUNCTION_FILES = (
    *("vendor", "device", "class", "revision", "subsystem_vendor", "subsystem_device"),
    *("current_link_speed", "current_link_width", "max_link_speed", "max_link_width"),
    *("resource", "uevent", "numa_node", "unique_id", "vbios_version", "gpu_busy_percent"),
    *("mem_info_vram_total", "mem_info_vram_used", "drm/renderD*/dev", "hwmon/hwmon*/name"),
    *("hwmon/hwmon*/temp*_input", "hwmon/hwmon*/temp*_label", "hwmon/hwmon*/temp*_crit"),
    *("hwmon/hwmon*/power1_cap", "hwmon/hwmon*/power1_cap_max", "hwmon/hwmon*/fan1_input"),
    *("hwmon/hwmon*/power1_average", "hwmon/hwmon*/power1_input"),
)
BRIDGE_FILES = (
    *("vendor", "device"),
    *("current_link_speed", "current_link_width", "max_link_speed", "max_link_width"),
)


def live() -> dict[str, str]:
    """What to ask of a running machine."""
    return {**captured("", TOPOLOGY), "rocminfo": _ROCMINFO}


def captured(root: str, topology: str) -> dict[str, str]:
    """What to ask of a tree below root. Its rocminfo, if any, is not for this machine to run."""
    return {
        "files": _files(shlex.quote(root) if root else "", f"{shlex.quote(topology)}/nodes/*"),
        "kfd_device": f"[ -e {shlex.quote(root + '/dev/kfd')} ] && echo yes",
    }


def _files(root: str, nodes: str) -> str:
    """Read the files of the KFD's nodes, of AMD's display and accelerator functions, and of all
    bridges above them.

    `cd -P` gives the physical path, and `read` the ids, without a fork: one loop over a hundred
    functions must stay quick on a slow machine. Cards may share bridges, which are read once.
    A root without a PCI bus may still have DRM cards.
    """
    return f"""(
unset CDPATH
seen=
set -- {root}/sys/bus/pci/devices/*
[ -e "$1" ] || set -- {root}/sys/class/drm/card*/device
count=$#
for device; do
  vendor= class=
  read -r vendor <"$device/vendor"
  read -r class <"$device/class"
  case "$vendor $class" in "0x1002 0x03"* | "0x1002 0x12"*) ;; *) continue ;; esac
  cd -P "$device" || continue
  set -- "$@" {_arguments("$PWD", FUNCTION_FILES)}
  bridge=${{PWD%/*}}
  while [ -e "$bridge/vendor" ]; do
    case "$seen" in *"|$bridge|"*) break ;; esac
    seen="$seen|$bridge|"
    set -- "$@" {_arguments("$bridge", BRIDGE_FILES)}
    bridge=${{bridge%/*}}
  done
done
shift "$count"
{shell.read_files(['"$@"', f"{nodes}/properties", f"{nodes}/mem_banks/*/properties"])}
) 2>/dev/null"""


def _arguments(folder: str, names: tuple[str, ...]) -> str:
    """Shell words, the folder quoted and the patterns not; one that fits nothing stays as it is."""
    return " ".join(f'"{folder}"/{name}' for name in names)


# The status line lets an empty output, a crash and a hang be told apart; no line at all means
# that there is no rocminfo on the box.
_ROCMINFO = f"""
for rocminfo in "$(command -v rocminfo)" /opt/rocm/bin/rocminfo /opt/rocm-*/bin/rocminfo; do
  [ -x "$rocminfo" ] || continue
  {shell.TIMEOUT} "$rocminfo"
  printf '\\nrocminfo: exit status %s\\n' $?
  break
done"""
