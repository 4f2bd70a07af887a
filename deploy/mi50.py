"""Everything that an MI50 or Radeon VII box needs: pyinfra inventory.py deploy/mi50.py"""

from roles.preflight import preflight

preflight(arch="gfx906", asks=("amd-rocm", "amd-driver"))
