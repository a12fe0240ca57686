"""A session of pytest that judges in this very process, apart from whatever configuration of pytest there is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..items import SUITE_FOLDER
from ..options import IMPLEMENTATION

CONFIGURATION = Path(__file__).with_name("pytest.ini")
#: The arguments of every session that judges apart from it, in this process or others.
APART = (
    *("-c", str(CONFIGURATION)),
    *(f"--rootdir={SUITE_FOLDER.parent}", f"--confcutdir={SUITE_FOLDER}"),
    *("-p", "no:cacheprovider", "-p", "no:warnings", "-qq", "--tb=no", "-rN"),
    # Which collect garbage five times over at the end of every session: as long as half an import of torch.
    *("-p", "no:unraisableexception", "-p", "no:threadexception"),
    # Nor what looks at every module that is imported, torch's too, and at every line that is logged.
    *("--assert=plain", "-p", "no:logging"),
)


def arguments_for(where: str | Path, *options: str, modules: Collection[Path] = ()) -> list[str]:
    """Return the arguments of such a session.

    Parameters:
        where: the implementation, as for the command.
        options: further options of pytest or the plugin.
        modules: the modules of the suite to collect, of which fewer take less time; all if empty.
    """
    return [
        *(*APART, "-p", "no:xdist"),
        f"{IMPLEMENTATION}={where}",
        *options,
        *(map(str, sorted(modules)) if modules else [str(SUITE_FOLDER)]),
    ]
