"""A Chromium for the browser tests: no error, policy violation or inaccessible part goes unseen."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from amends.people.models import Staff

ARGUMENTS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE: str = Axe().axe_script
PATIENCE = 30_000  # milliseconds; on a machine that has much else to do
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # only what is wrong is put into words, which is half of the time,
    "reporter": "no-passes",  # and only that is sent over, a fifth of what is left
}

# Words of one look have one contrast: of each look the first is measured, for measuring takes longer than all else.
RUN = """
rules => {
    const seen = new Set(), first = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const one = words.currentNode.parentElement;
        if (!words.currentNode.data.trim() || seen.has(one)) continue;
        seen.add(one);
        const own = getComputedStyle(one);
        const look = [one.tagName, one.className, own.color, own.fontSize, own.fontWeight];
        for (let above = one; above; above = above.parentElement) {
            const {backgroundColor, backgroundImage, opacity, position, display, visibility} = getComputedStyle(above);
            look.push(backgroundColor, backgroundImage, opacity, position, display === "none", visibility);
        }
        if (seen.has(look.join())) continue;
        seen.add(look.join());
        first.push(one);
    }
    first.forEach(one => one.setAttribute("data-first", ""));
    axe.configure({rules: [{id: "color-contrast", selector: "[data-first]"}]});
    return axe.run(document, rules).finally(() => first.forEach(one => one.removeAttribute("data-first")));
}
"""
# Half a megabyte comes once a window; a part of a page that was swapped in leaves it there.
AT_HAND = "'axe' in window || 'axe' in sessionStorage && ((0, eval)(sessionStorage.axe), true)"
PUT_THERE = "source => { sessionStorage.axe = source; (0, eval)(source); }"


def rules(*, contrast: bool, targets: bool) -> dict[str, Any]:
    """All rules, or all but those that take the longest: of contrast, and of targets' sizes."""
    left_out = [] if contrast else ["color-contrast", "link-in-text-block"]
    left_out += [] if targets else ["target-size"]
    return {**RULES, "rules": {rule: {"enabled": False} for rule in left_out}}


NOT_OURS = re.compile(
    r"Failed to load resource: the server responded with a status of 4(?:0[34]|22)"  # pages that say no
    r"|htmx:(sendAbort|afterRequest)\b"  # a request dropped for a newer one; whatever fails says so under its own name
)


def chromium() -> str:
    """The Chromium of this machine; its build without windows, which Debian has apart, starts much faster."""
    names = (os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    assert found, "no Chromium; run `make browser`, or set CHROMIUM to its path"
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """One Chromium for several tests."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield launched
        finally:
            launched.close()


class Visitor:
    """A person at a screen: one size, one language, one theme, signed in or not. Whatever goes wrong is kept.

    Contrast hangs on the theme alone, so who sees a page in a theme that another looked into can leave it out. So can
    they leave out how large targets are, but on a phone, where fingers meet them.
    """

    def __init__(
        self, browser: Browser, address: str, *, language: str, theme: str, size: str, contrast: bool = True
    ) -> None:
        self.rules = rules(contrast=contrast, targets=contrast or size == "phone")
        width, height = SIZES[size]
        self.address, self.name = address, f"{language[:2]}-{theme}-{size}"
        self.size = size
        self.context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        self.context.set_default_timeout(PATIENCE)
        self._cookie("django_language", language)
        self._cookie("amends_theme", theme)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))

    def sign_in(self, staff: Staff) -> None:
        """As the sign-in page does it, without going through it each time."""
        client = Client()
        client.force_login(staff)
        self._cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)

    def open(self, path: str, *, accessible: bool = True) -> Page:
        """Go to a page and look it over."""
        self.page.goto(self.address + path)
        self.look_over(path, accessible=accessible)
        return self.page

    def look_over(self, what: str, *, accessible: bool = True) -> None:
        """Nothing hangs over the edge of the screen, and everybody can use what is on it."""
        self.page.wait_for_load_state("domcontentloaded")  # a click returns as soon as the next page has begun
        overflow = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            self.wrong.append(f"{what}: {overflow} px wider than the screen")
        if not accessible:
            return
        if not self.page.evaluate(AT_HAND):
            self.page.evaluate(PUT_THERE, AXE)
        found: dict[str, Any] = self.page.evaluate(RUN, self.rules)
        for violation in found["violations"]:
            places = [node["target"] for node in violation["nodes"]][:3]
            self.wrong.append(f"{what}: {violation['id']}: {violation['help']} at {places}")

    def photograph(self, name: str) -> None:
        """Keep what is on the screen for the docs, if they are being made."""
        folder = os.environ.get("AMENDS_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            # Playwright hides the caret by an inline style, which our content policy would rightly report
            self.page.screenshot(path=str(Path(folder) / f"{name}-{self.name}.png"), caret="initial")

    def leave(self) -> None:
        """Close the window; everything that went wrong is told at once."""
        self.context.close()
        assert self.wrong == [], "\n".join([self.name, *self.wrong])

    def _cookie(self, name: str, value: str) -> None:
        self.context.add_cookies([{"name": name, "value": value, "url": self.address}])

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not NOT_OURS.search(message.text):
            self.wrong.append(f"console: {message.text}")
