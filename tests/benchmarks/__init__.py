"""What is timed, always against a peer in the same run; nothing here is a test."""
