"""What must be true of a box's cards, seen from outside the roles."""

from __future__ import annotations

from typing import Any

NODES = "/sys/class/kfd/kfd/topology/nodes"
GFX906 = "90006"  # as the KFD writes it


def test_a_gfx906_card_is_on_the_pci_bus(host: Any) -> None:
    listed = host.run("lspci -nd 1002:").stdout
    assert any(f"1002:{device}" in listed for device in ("66a0", "66a1", "66a2", "66a3", "66af"))


def test_the_compute_driver_offers_a_gfx906_card(host: Any) -> None:
    assert host.run(f"grep -lx 'gfx_target_version {GFX906}' {NODES}/*/properties").succeeded


def test_the_compute_device_belongs_to_the_group_render(host: Any) -> None:
    device = host.file("/dev/kfd")
    assert device.exists
    assert device.group == "render"


def test_every_gfx906_card_has_its_render_node(host: Any) -> None:
    found = host.run(f"grep -lx 'gfx_target_version {GFX906}' {NODES}/*/properties").stdout.split()
    for properties in found:
        minor = host.run(f"awk '/^drm_render_minor/ {{print $2}}' {properties}").stdout.strip()
        assert host.file(f"/dev/dri/renderD{minor}").exists
