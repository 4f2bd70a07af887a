"""What a person sees at the end: one report a box, as text, JSON and SVG.

A run leaves `reports/<box>.json` on the controller; `python -m roles.report FILE` shows it again.
"""
