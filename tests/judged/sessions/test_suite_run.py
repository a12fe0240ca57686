"""The suite as a whole, on several devices."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from judging import judge
from running import write_implementation


def test_each_device_has_inputs_of_its_own_number(tmp_path: Path) -> None:
    """Pytest calls one function for all devices: what is set for one must not be left for another."""
    seen = tmp_path / "seen.txt"
    body = (
        "def swap_module(mod, mapping, real=swap_module):\n"
        f"    with open({str(seen)!r}, 'a', encoding='utf-8') as file:\n"
        "        file.write(''.join(f'{tensor.device.type} ' for tensor in list(mod.parameters())[:1]))\n"
        "    return real(mod, mapping)\n"
    )
    ours = write_implementation(tmp_path / "ours.py", body)

    def calls(*devices: str) -> Counter[str]:
        options = [f"--sparsifier-device={device}" for device in devices]
        judge(ours, *options, only=["swap_module/forward-hooks-in-order"])
        words = seen.read_text(encoding="utf-8").split()
        seen.unlink()
        return Counter(words)

    alone, together = calls("cpu"), calls("cpu", "meta")
    assert together["cpu"] == alone["cpu"] > together["meta"] > 0
