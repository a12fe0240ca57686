"""``python -m sparsifier_conformance`` is the command ``sparsifier-conformance``."""

import os
import sys

if sys.path[0] == os.getcwd():  # noqa: PTH109 - as `python -m` puts it there
    sys.path.append(sys.path.pop(0))  # so that nothing here hides what is installed, such as a copy.py

from .cli.main import main

sys.exit(main())
