"""The page that ``matrix --html`` writes, as a reader meets it: in a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browser import browser
from pages import HOSTILE, results, write
from records import judged, many, result

expect.set_options(timeout=30_000)  # machines may be slow
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def opened(started: Browser, address: str, **options: Any) -> Generator[Page, None, None]:
    """Open a page, which must ask for nothing but itself, and complain of nothing."""
    context = started.new_context(**{"viewport": DESKTOP, **options})
    shown = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.goto(address)
    yield shown
    assert asked == [address] or set(asked) == {address, "data:,"}
    assert complaints == []
    context.close()


def rows(shown: Page) -> list[str]:
    """Give the requirements that are shown."""
    return shown.locator(".matrix tbody tr[data-find]:visible .slug").all_inner_texts()


def cell(shown: Page, slug: str, column: int) -> Any:
    return shown.locator(f"tr[data-find*='/{slug} ']").locator("td a").nth(column)


def violations(shown: Page) -> list[str]:
    """Give what axe-core finds wrong with the page as it is shown."""
    found = Axe().run(shown).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


#: Whether the button lies over what can be read.
CLOSE_HIDES = """(() => {
    const close = document.querySelector("dialog form").getBoundingClientRect();
    const articles = [...document.querySelectorAll("dialog article")].map((each) => each.getBoundingClientRect());
    return articles.some((box) => box.bottom > close.top + 1 && box.top < close.bottom);
})()"""


# What follows are the steps of one test: all share one browser, which takes longer to start than they do.


def verdicts_come_first(started: Browser, address: str) -> None:
    with opened(started, address) as shown:
        assert shown.locator("table").first.locator("tbody tr").all_inner_texts() == [
            "torch 2.1.0\tdoes not conform\t1 of 3\t0 of 1",
            "torch 2.10.0\tdoes not conform\t1 of 3\t0 of 1",
            "<b>ours 1.0\tdoes not conform\t2 of 3\t1 of 1",
        ]
        assert "broken.json is no result" in shown.locator(".note li").inner_text()
        heads = shown.locator(".matrix thead th").all_inner_texts()
        assert heads == ["requirement", "torch 2.1.0, 2.10.0", "<b>ours 1.0"]


def rows_are_shown_as_asked(started: Browser, address: str) -> None:
    notable = ["blocked", "mixed", "kwargs-hooks"]
    with opened(started, address) as shown:
        assert rows(shown) == notable
        shown.get_by_label("all", exact=True).check()
        assert rows(shown) == ["root", *notable] and shown.inner_text("#count") == "4 of 4 requirements"
        shown.get_by_label("what differs").check()
        assert rows(shown) == ["mixed", "kwargs-hooks"]
        shown.get_by_label("Filter").fill("root")
        assert rows(shown) == ["root"]  # which the choice would hide
        shown.get_by_label("all", exact=True).check()
        shown.get_by_label("Filter").fill("SHOULD onerror")
        assert rows(shown) == ["kwargs-hooks"] and shown.inner_text("#count") == "1 of 4 requirements"
        shown.get_by_label("Filter").fill("no such thing")
        assert rows(shown) == [] and shown.locator("#nothing").is_visible()
        shown.get_by_role("button", name="Show all").click()
        assert len(rows(shown)) == 4 and shown.locator("#nothing").is_hidden()
        fold = shown.get_by_role("button", name="swap_module")
        fold.click()
        assert rows(shown) == ["root"] and fold.get_attribute("aria-expanded") == "false"
        fold.press("Enter")
        assert len(rows(shown)) == 4
        shown.get_by_role("button", name="Fold all", exact=True).click()
        assert rows(shown) == [] and fold.is_visible()
        shown.get_by_role("button", name="Unfold all").click()
        assert len(rows(shown)) == 4


def a_cell_opens_what_happened(started: Browser, address: str) -> None:
    with opened(started, address, permissions=["clipboard-read", "clipboard-write"]) as shown:
        assert cell(shown, "mixed", 0).inner_text().split() == ["✗meta", "failed", "on", "meta"]
        cell(shown, "kwargs-hooks", 0).click()
        dialog = shown.get_by_role("dialog")
        assert "#d" in shown.url
        said = dialog.inner_text()
        # Two results share the cell, and one of them says more than the other.
        assert (
            said.count("What kwargs-hooks") == 0 and said.count("What swap_module/kwargs-hooks says SHOULD hold.") == 2
        )
        assert said.count(HOSTILE) == 2 and shown.title() != "run"
        reproducer = dialog.locator("figure", has_text="reproducer")
        reproducer.get_by_role("button", name="Copy reproducer").click()
        expect(reproducer.get_by_role("button")).to_have_text(re.compile("Copied"))
        assert shown.evaluate("navigator.clipboard.readText()") == "import torch\n\nassert '\\u202e'\n"
        shown.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        cell(shown, "mixed", 0).click()
        assert dialog.locator(".happening").all_inner_texts() == [
            "✓ passed on cpu",
            "✗ failed on meta",
            "– not applicable on cuda:0",
        ]
        assert "x = torch.ones(2, device='meta')" in dialog.inner_text()
        shown.mouse.click(5, 5)
        expect(dialog).to_be_hidden()


def keys_are_enough(started: Browser, address: str) -> None:
    with opened(started, address) as shown:
        focused = "document.activeElement.closest('tr')?.querySelector('.slug')?.textContent"
        shown.get_by_role("button", name="swap_module").focus()
        shown.keyboard.press("Tab")
        assert shown.evaluate(focused) == "blocked"
        assert (
            shown.evaluate("[...document.querySelectorAll('td a')].filter((link) => link.tabIndex === 0).length") == 1
        )
        for key, where in (
            ("ArrowDown", "mixed"),
            ("End", "mixed"),
            ("ArrowDown", "kwargs-hooks"),
            ("Home", "kwargs-hooks"),
        ):
            shown.keyboard.press(key)
            assert shown.evaluate(focused) == where
        shown.keyboard.press("Enter")
        expect(shown.get_by_role("dialog")).to_contain_text("onerror")
        shown.keyboard.press("Escape")
        assert shown.evaluate(focused) == "kwargs-hooks"
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.closest('.matrix')") is None


def light_and_dark_are_accessible(started: Browser, address: str) -> None:
    papers = []
    for scheme in ("light", "dark"):
        with opened(started, address, color_scheme=scheme) as shown:
            papers.append(shown.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
            shown.get_by_label("all", exact=True).check()
            assert violations(shown) == []
            cell(shown, "kwargs-hooks", 0).click()
            assert violations(shown) == []
    assert papers == ["rgb(255, 255, 255)", "rgb(20, 23, 27)"]


def a_phone_scrolls_down_only(started: Browser, address: str) -> None:
    with opened(started, address, viewport=PHONE, is_mobile=True, has_touch=True) as shown:
        assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        cell(shown, "kwargs-hooks", 0).tap()
        box = shown.get_by_role("dialog").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        shown.set_viewport_size({"width": PHONE["width"], "height": 400})  # less than there is to read
        assert shown.evaluate("document.querySelector('dialog').scrollHeight > 400") and not shown.evaluate(CLOSE_HIDES)
        assert violations(shown) == []


def on_paper_everything_is_written_out(started: Browser, address: str) -> None:
    with opened(started, address) as shown:
        shown.emulate_media(media="print")
        assert shown.locator(".tools").is_hidden()
        assert shown.locator(".details article:visible h3").all_inner_texts() == [
            "swap_module/blocked MUST",
            "swap_module/mixed MUST",
            "swap_module/kwargs-hooks SHOULD",
            "swap_module/kwargs-hooks SHOULD",
        ]


def without_scripts_a_cell_leads_to_its_detail(started: Browser, address: str) -> None:
    with opened(started, address, java_script_enabled=False) as shown:
        assert shown.locator(".tools").is_hidden() and shown.locator("tr[data-find]:visible").count() == 4
        target = cell(shown, "kwargs-hooks", 0).get_attribute("href")
        assert shown.locator(f"{target} pre").first.is_visible()


STEPS: tuple[Callable[[Browser, str], None], ...] = (
    verdicts_come_first,
    rows_are_shown_as_asked,
    a_cell_opens_what_happened,
    keys_are_enough,
    light_and_dark_are_accessible,
    a_phone_scrolls_down_only,
    on_paper_everything_is_written_out,
    without_scripts_a_cell_leads_to_its_detail,
)


def test_the_page_in_a_browser(tmp_path: Path, subtests: pytest.Subtests) -> None:
    address = write(tmp_path / "page.html", results(), ("broken.json is no result",))
    large = write(tmp_path / "large.html", many(40, 100))
    with browser() as started:
        for step in STEPS:
            with subtests.test(step.__name__):
                step(started, address)
        with subtests.test("one result of one requirement, and one of none"):
            for judgements, shown_rows in ([judged("swap_module/x")], ["x"]), ([], []):
                with opened(started, write(tmp_path / "small.html", [result(judgements)])) as shown:
                    assert rows(shown) == shown_rows and shown.locator(".verdicts tbody tr").count() == 1
        four = write(tmp_path / "four.html", many(4, 89))
        with subtests.test("four results are printed on less than ten sheets"), opened(started, four) as shown:
            assert 1 < len(re.findall(rb"/Type */Page\b", shown.pdf(prefer_css_page_size=True))) < 10
        with subtests.test("forty results of a hundred requirements"):
            begin = time.monotonic()
            with opened(started, large) as shown:
                assert time.monotonic() - begin < 30
                milliseconds = shown.evaluate(
                    "(() => { const begin = performance.now(); const filter = document.getElementById('filter');"
                    " filter.value = 'requirement-7'; filter.dispatchEvent(new Event('input'));"
                    " document.body.offsetHeight; return performance.now() - begin; })()"
                )
                assert milliseconds < 1000
