"""The default inventory: the lab box of this checkout, which `make lab` brings up.

For boxes of your own see inventories/example.py.
"""

from tests.lab.inventory import hosts

lab = hosts()
