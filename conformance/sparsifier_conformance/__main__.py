"""``python -m sparsifier_conformance`` is the command ``sparsifier-conformance``."""

import sys

from .cli.main import main

sys.exit(main())
