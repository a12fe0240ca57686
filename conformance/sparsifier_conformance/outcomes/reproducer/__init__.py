"""A failure as a script that stands alone."""
