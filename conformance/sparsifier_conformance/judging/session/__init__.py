"""A session that judges, where checks are collected and run: in the user's own process, or in each worker.

This module is imported in every session that the plugin takes part in, and in no other.
"""

from __future__ import annotations

import pytest

from ..items import SESSION
from ..processes.starting import Starting, let_through
from ..requested import requested


def take_part(config: pytest.Config) -> None:
    """Judge in this session: collect checks in this process, and record reports unless another process does."""
    from ..recorder import Recorder
    from .collecting import Collecting
    from .material import Material
    from .running import Running

    let_through(config)
    wanted = requested(config)
    material = Material(config, wanted)
    config.pluginmanager.register(Collecting(material), SESSION)
    config.pluginmanager.register(Running(material))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config, wanted), "sparsifier-recorder")
        config.pluginmanager.register(Starting(config))
