"""What goes wrong: servers that lie, downloads that end, processes that die, on this machine."""
