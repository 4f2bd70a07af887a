"""The box as it was before deploy/graft.py: pyinfra inventory.py deploy/undo.py"""

from roles.graft.deploy import ungraft
from roles.rocm.deploy import heal

heal()
ungraft("gfx906")
