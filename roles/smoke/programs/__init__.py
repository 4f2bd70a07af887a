"""The programs that prove a card: they run in the venv that people use, on the box, with torch.

They are sent there as one zip file, and need nothing beside torch and Python 3.10.
"""
