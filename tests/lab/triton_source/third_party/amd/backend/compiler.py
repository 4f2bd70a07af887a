"""regraft lab: a stand-in for the compiler of AMD's backend, without a line of code."""
