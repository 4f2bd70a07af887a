"""The lab's container image: a few packages of the distribution, and vLLM's stand-in in them.

It is made without a container engine; tests/lab/registry.py makes it and has a registry serve it.
"""
