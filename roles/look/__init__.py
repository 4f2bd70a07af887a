"""How a box is looked at: many questions in one command, and each asked no more than needed."""
