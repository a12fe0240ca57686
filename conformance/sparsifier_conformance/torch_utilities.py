"""Torch's own utilities, wherever the installed release keeps them (registered as ``torch``)."""

try:
    from torch.ao.pruning.sparsifier import utils
except ImportError:  # torch before 2.0
    from torch.ao.sparsity.sparsifier import utils  # type: ignore[import-not-found, no-redef]

__all__ = ["utils"]
