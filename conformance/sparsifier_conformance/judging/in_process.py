"""A session of pytest that judges in this very process, apart from whatever configuration of pytest there is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from .options import IMPLEMENTATION
from .session import SUITE_FOLDER


def arguments_for(where: str | Path, *options: str, modules: Collection[Path] = ()) -> list[str]:
    """Return the arguments of such a session.

    Parameters:
        where: the implementation, as for the command.
        options: further options of pytest or the plugin.
        modules: the modules of the suite to collect, of which fewer take less time; all if empty.
    """
    return [
        *("-c", str(Path(__file__).with_name("pytest.ini"))),
        *(f"--rootdir={SUITE_FOLDER.parent}", f"--confcutdir={SUITE_FOLDER}"),
        *("-p", "no:cacheprovider", "-p", "no:warnings", "-p", "no:xdist", "-qq", "--tb=no", "-rN"),
        # Which collect garbage at the end of every session, five times over.
        *("-p", "no:unraisableexception", "-p", "no:threadexception"),
        # Nor what rewrites assertions and keeps logs, of which a result has none.
        *("--assert=plain", "-p", "no:logging"),
        f"{IMPLEMENTATION}={where}",
        *options,
        *(map(str, sorted(modules)) if modules else [str(SUITE_FOLDER)]),
    ]
