"""regraft lab: a stand-in for the driver of AMD's backend, without a line of code."""
