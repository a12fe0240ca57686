"""Take the pictures of the README: ``python tests/tools/screenshots.py RESULT…`` writes them to ``docs/``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from browser import browser
from running import ROOT
from sparsifier_conformance.cli import matrix
from sparsifier_conformance.reports import html as page
from sparsifier_conformance.reports import table


def main() -> None:
    """Make a page of some results, and photograph it: as it opens, and with a detail in the dark."""
    results, refused = matrix.read_all([Path(name) for name in sys.argv[1:]])
    with tempfile.TemporaryDirectory() as folder, browser() as started:
        path = Path(folder, "page.html")
        path.write_text(page.page(table.make(results), refused), encoding="utf-8")
        for name, scheme in (("page", "light"), ("detail", "dark")):
            context = started.new_context(viewport={"width": 1200, "height": 840}, color_scheme=scheme)  # type: ignore[arg-type]
            shown = context.new_page()
            shown.goto(path.as_uri())
            if name == "detail":
                shown.locator("tr[data-find*='swap_module/kwargs-hooks'] td:not(.passed) a").first.click()
            shown.screenshot(path=ROOT / "docs" / f"{name}.png")
            context.close()


if __name__ == "__main__":
    main()
