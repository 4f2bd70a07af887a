"""regraft lab: a stand-in for AMD's backend."""
