"""A Triton that knows the card: built from pinned source once, and the only one in its environment.

A box builds it, without a network and within its memory; the wheel is kept on the controller, for
every box that it suits.
"""
