"""A sparsity library as others write it."""
