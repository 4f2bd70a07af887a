"""PyTorch for cards that its wheels no longer serve: a venv of the user's, and the kernels in it.

Pinned as one stack of versions; what is fetched is hashed and recorded; the kernels come as a wheel
of their own, so that pip knows of them, checks them and takes them away.
"""
