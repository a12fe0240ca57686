"""What is judged: found by the name that it was given, described, and seen by the checks."""
