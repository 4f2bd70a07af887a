"""ROCm on the box: one release of it, from AMD's own packages, driven, held, and usable.

A release is a file in releases/. apt is read before it is let, and AMD's key is checked before apt
sees it; what apt would do to anything that is not ROCm's stops the box with the packages' names.
"""
