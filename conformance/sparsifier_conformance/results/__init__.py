"""The result of a run: its records, its verdict, its file, and what was expected of it."""
