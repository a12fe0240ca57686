"""Marks of checks that say what they cost, so that a run can put them in order."""

from __future__ import annotations

import pytest

#: The check imports torch's compiler, or a part of it, which takes as long as to import torch.
IMPORTS_COMPILER = pytest.mark.sparsifier_imports_compiler
