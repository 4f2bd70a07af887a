"""Proof that a card computes: programs that run in the venv that people use, and what they said.

`pass` is said of a card alone. Where none computes, each program runs what the processor can, and
says `pending`.
"""
