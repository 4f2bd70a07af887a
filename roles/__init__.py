"""The rooms of regraft: one folder a role, each knowing one thing about a box."""
