"""What became of a check: its outcome, what was drawn and seen, in words and as a script."""
