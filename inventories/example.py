"""Boxes of your own. Copy this file, keep what you need, and run

    pyinfra inventories/mine.py deploy/mi50.py

Every list below is a group of boxes; `--limit attic` runs on that group alone. What stands beside
a box are its settings; docs/settings.md has them all, with their defaults. A name that is not a
setting of anyone, but nearly one of ours, is an error, not a surprise.
"""

from roles.wire import QUICK

# One box, by SSH. The first word is its address, unless ssh_hostname says another.
desk = [
    (
        "mi50-box",
        {
            "ssh_hostname": "192.0.2.10",
            "ssh_user": "me",  # who logs in
            "_sudo": True,  # and becomes root; wants NOPASSWD for that account
            **QUICK,  # spares 40 ms on each command
            # "ssh_port": 22, "ssh_key": "~/.ssh/id_ed25519",
            #
            # gpu: which cards, and who uses them
            "gpu_user": "me",  # who will use the cards; empty: who logs in
            # "gpu_stand_in": "…",  # only for lab boxes: what stands in for the cards
            #
            # rocm: which release, how much of it, which driver
            "rocm_release": "6.4.3",  # or "7.0.2"; changing it switches the box in one run
            "rocm_profile": "runtime",  # or "full": AMD's package rocm, with compilers
            "rocm_side_by_side": False,  # True: another release stays beside this one
            "rocm_driver": "auto",  # or "dkms" for AMD's own, or "none"
            "rocm_hold": True,  # apt leaves ROCm alone until you change this
            "rocm_hold_kernel": False,  # the same for the kernel
            "rocm_user_create": False,  # make gpu_user if there is no such account
            # "rocm_key_fingerprint": "…",  # only for a mirror that signs with its own key
            #
            # graft: the files that AMD no longer ships for the card
            "graft_donor": "",  # empty: the release's default; a name, or a path of your own .toml
            # "graft_donor_key": "…",  # a key file of yours, for a donor that it has signed
            # "graft_donor_sha256": "…",  # or what the donor's package has to be
            "graft_layout": "flat",  # or "arch-dir", which no one has confirmed on a card
            #
            # PyTorch, and the tests that prove a card with it
            "pytorch_stack": "2.9.0+rocm6.4",  # or "2.8.0+rocm6.3", which needs no graft; "none"
            "pytorch_venv": "/opt/regraft/venv",  # belongs to gpu_user
            "pytorch_python": "/usr/bin/python3",  # what it is made with; never conda's
            "smoke_accuracy": 97,  # percent of the digits that mnist has to read
            "smoke_epochs": 1,  # in so many rounds
            "smoke_celsius": 0,  # too hot to go on; 0: where the card itself says so
            "smoke_require_hardware": False,  # True: what no card has computed is a failure
            # "smoke_digits_sha256": {},  # only for other digits than MNIST's
            #
            # A Triton that knows the card, built from source: an hour of a strong box, once
            "triton_build": False,  # True: deploy/mi50.py does it, too
            "triton_jobs": 0,  # compilers at once; 0: as many as fit into memory
            "triton_job_mib": 2560,  # that each may take
            # "triton_commit": "…",  # only for a source that is not the pinned one
            # "triton_llvm_sha256": "…",  # what LLVM's archive has to be, from the start
            #
            # vLLM: models that are served, each as a unit of its own (docs/vllm.md)
            "vllm_models": [],  # {"name": "chat", "model": "/srv/models/Qwen3-14B-AWQ"}
            "vllm_image": "nlzy",  # or "ai-infos", or any reference with a tag
            "vllm_image_digest": "",  # what it has to lead to; empty: found once, and in the lock
            "vllm_registries": [],  # addresses, asked in turn; empty: upstream container-registry
            "vllm_listen": "127.0.0.1",
            "vllm_key_file": "/etc/regraft/vllm.key",  # made on the box, for root alone
            "vllm_start_minutes": 30,
            # "vllm_accept": {"iommu": "this board has none"},
            #
            # preflight: is the box fit?
            "preflight_free_gib": 30,  # free space that an installation needs below /opt
            "preflight_idle_celsius": 70,  # hotter than this at rest: nothing cools the card
            # A stop that you know better about, by its code, with your reason:
            # "preflight_accept": {"release": "Mint 22 is noble underneath"},
            #
            # upstream: where bytes come from; names are in roles/upstream/upstreams.toml
            # "upstream_addresses": {"amd-rocm": "http://mirror.example/rocm"},
            "upstream_lock": "regraft.lock.toml",  # keep it: the next box gets the same bytes
            "upstream_cache": "~/.cache/regraft",  # of the machine that pyinfra runs on
            #
            # look: how a box is looked at
            "look_once": True,  # False: as pyinfra does, a command for each question
            #
            # report: what you see at the end
            "report_shown": True,  # print it; it is written in any case
            "report_folder": "reports",
        },
    ),
]

# The machine that you sit at, without SSH. Run pyinfra as root, or with "_sudo": True.
here = [("@local", {"_sudo": True, "gpu_user": "me"})]

# Several boxes: what they share is said once, after them.
attic = (
    ["192.0.2.21", "192.0.2.22", ("192.0.2.23", {"preflight_idle_celsius": 60})],
    {
        **QUICK,
        "ssh_user": "root",
        "gpu_user": "lab",
        "upstream_addresses": {
            "amd-rocm": "http://192.0.2.1/rocm",
            "amd-driver": "http://192.0.2.1/amdgpu",
        },
    },
)
