"""Which cards are in a box: before any driver (PCI), with it (KFD, DRM, hwmon), with ROCm after it.

`GpuLook` in facts.py is the one fact, asked in one command; it gives `Gpus`, a `Card` each.
All that is known of archs and cards is data, in cards.toml.
`python -m roles.gpu` looks at this machine, at a captured tree or at a saved rocminfo output.
"""

from roles.gpu.card import Card, LinkState, Temperature
from roles.gpu.gpus import Gpus

__all__ = ["Card", "Gpus", "LinkState", "Temperature"]
