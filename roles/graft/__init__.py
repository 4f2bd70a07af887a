"""Give ROCm and PyTorch the code back that AMD no longer ships for a card: the graft.

A donor has the files that the recipient lacks. `fit` proves, without a card, that every kernel
that the recipient's catalogs name is in the donor's code objects; `coverage` says which libraries
have code for a card, and what does not work where they have none.
`python -m roles.graft` asks both of any folder, package or wheel.
"""
