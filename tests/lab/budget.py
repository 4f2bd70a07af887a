"""Remote commands of a run that changes nothing, where the last one has asked the same.

Each costs a round trip: whoever needs one more decides it here.
"""

PREFLIGHT = "deploy/preflight.py"
ROCM_ALONE = "deploy/rocm.py"
GRAFT = "deploy/graft.py"
MI50 = "deploy/mi50.py"
MI50_WITH_PYTORCH = "deploy/mi50.py with PyTorch"
MI50_WITH_MODELS = "deploy/mi50.py with models"

BUDGET = {
    PREFLIGHT: 1,
    ROCM_ALONE: 1,
    GRAFT: 1,
    MI50: 1,
    MI50_WITH_PYTORCH: 1,
    MI50_WITH_MODELS: 2,  # the second: what do they answer?
}
