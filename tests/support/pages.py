"""Pages as ``matrix --html`` writes them, of results with whatever a page must show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from records import judged, result
from sparsifier_conformance.reports import html as page
from sparsifier_conformance.reports import table
from sparsifier_conformance.results.records import Result

HOSTILE = "</pre></script><script>document.title = 'run'</script><img src=https://example.org/x onerror=alert(1)>"


def results() -> list[Result]:
    """Make three results, two of which say the same in short, with whatever a page must show."""
    failed = judged("swap_module/kwargs-hooks", "failed", level="SHOULD", message=HOSTILE)
    reproduced = msgspec.structs.replace(failed, reproducer="import torch\n\nassert '\u202e'\n")
    same = [
        judged("module_to_fqn/root", smallest_input=None),
        judged("swap_module/blocked", "blocked"),
        judged("swap_module/mixed", "passed", "cpu"),
        judged("swap_module/mixed", "failed", "meta", smallest_input="x = torch.ones(2, device='meta')"),
        judged("swap_module/mixed", "not applicable", "cuda:0"),
    ]
    fine = [judged("module_to_fqn/root"), judged("swap_module/blocked", "blocked"), judged(failed.id, level="SHOULD")]
    fine += [judged("swap_module/mixed", "passed", device) for device in ("cpu", "meta", "cuda:0")]
    torch: dict[str, Any] = {"where": "torch", "name": "torch.ao.pruning.sparsifier.utils"}
    return [
        result([*same, reproduced], **torch, version="2.1.0"),
        result([*same, failed], **torch, version="2.10.0"),
        result(fine, where="<b>ours", version="1.0"),
    ]


def write(path: Path, several: list[Result], refused: tuple[str, ...] = ()) -> str:
    """Write a page, and give its address."""
    text = page.page(table.make([(Path(f"{number}.json"), each) for number, each in enumerate(several)]), refused)
    path.write_text(text, encoding="utf-8")
    return path.as_uri()
