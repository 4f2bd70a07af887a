"""Models served by vLLM: a container for each, as a unit of systemd, with no rights to spare.

What cannot work is refused before anything is done; served is said of a model that has answered.
"""
