"""The box as it was, but for ROCm: pyinfra inventory.py deploy/undo.py"""

from roles.graft.deploy import ungraft
from roles.pytorch.deploy import no_pytorch
from roles.rocm.deploy import heal
from roles.smoke.deploy import no_smoke
from roles.triton.deploy import no_triton
from roles.vllm.deploy import no_vllm

ARCH = "gfx906"

heal()
no_vllm()
no_smoke()
no_triton(ARCH)
no_pytorch(ARCH)
ungraft(ARCH)
