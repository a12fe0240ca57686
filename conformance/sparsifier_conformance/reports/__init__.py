"""Whatever a person reads: the terminal, scripts, tables, pages, badges, comparisons."""
