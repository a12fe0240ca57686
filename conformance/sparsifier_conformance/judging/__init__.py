"""A session of pytest that judges: collected, run, recorded."""
