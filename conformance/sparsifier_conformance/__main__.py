"""The command ``sparsifier-conformance``, which is ``python -m sparsifier_conformance`` too."""

import os
import sys

if __name__ == "__main__" and sys.path[0] == os.getcwd():  # noqa: PTH109 - as `python -m` puts it there
    sys.path.append(sys.path.pop(0))  # so that nothing here hides what is installed, such as a copy.py

from .judging.processes.interrupts import hold


def main() -> int:
    """Run the command, and return its exit status; an interrupt waits until there is something that it can end."""
    hold()
    from .cli.main import main as command

    status = command()
    hold()  # for Python's own end prints a traceback
    return status


if __name__ == "__main__":
    sys.exit(main())
