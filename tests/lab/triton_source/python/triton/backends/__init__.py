"""regraft lab: a stand-in for the folder of backends."""
