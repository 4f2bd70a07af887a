"""The lab's AMD: a folder laid out as AMD's servers are, for the mirror to serve.

    made = amd()
    for route in made.routes():
        mirror.serve(route.prefix, route.handler)

What it offers is in releases/, one file a repository. Its packages have AMD's names, versions and
dependencies, and say in their description that they are stand-ins; nothing of AMD's is in them.
"""

from .tree import Amd, amd

__all__ = ["Amd", "amd"]
