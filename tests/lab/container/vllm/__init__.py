"""vLLM's stand-in, for the lab's container image: its command line and its HTTP, and no model."""
