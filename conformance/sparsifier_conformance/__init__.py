"""Judge an implementation of PyTorch's sparsifier utilities against their specification."""

__version__ = "0.2.0"
