"""regraft lab: a stand-in for Triton, which knows the names of archs and compiles for none."""

from ._C.libtriton import archs, llvm, target  # type: ignore[import-not-found]

__version__ = "3.5.0"
__all__ = ["archs", "llvm", "target"]
