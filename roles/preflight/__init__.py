"""Is this box fit? Looks in one command, changes nothing, and runs first in every deploy.

Each finding is ok, note, warning or stop, with evidence and fix. A stop ends the run for that box
before its first change; the other boxes go on.
"""
