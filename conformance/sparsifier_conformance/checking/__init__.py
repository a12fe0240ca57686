"""What checks are written with: descriptions that are drawn, comparing, skipping, spelling."""
