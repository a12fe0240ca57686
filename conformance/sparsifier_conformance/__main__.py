"""``python -m sparsifier_conformance`` is the command ``sparsifier-conformance``."""

import sys

from .command import main

sys.exit(main())
