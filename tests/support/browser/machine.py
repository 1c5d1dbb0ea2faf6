"""The browser that this machine has, driven by Playwright: Chromium, Chrome or Edge."""
from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from support.running import leave_out

if TYPE_CHECKING:  # the group browser brings it
    from playwright.sync_api import Browser, BrowserType

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
CHANNELS = ("chrome", "msedge")  # where Playwright itself looks, which finds them on Windows and macOS
ABSENT = "no Chromium, Chrome or Edge starts here: install one of them (on Debian: sudo apt install chromium)"


@contextlib.contextmanager
def started() -> Iterator[Browser]:
    """Start the machine's browser without a window, and end it; skip the test where there is none, in CI fail it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = first(play.chromium)
        yield browser
        browser.close()


def first(chromium: BrowserType) -> Browser:
    """Return the first browser that starts."""
    from playwright.sync_api import Error

    root = hasattr(os, "getuid") and os.getuid() == 0  # in a container: Chromium's sandbox is not for root
    tried = []
    for choice in choices():
        try:
            return chromium.launch(**choice, chromium_sandbox=not root)
        except Error as error:
            tried.append(str(error).splitlines()[0])
    return leave_out("; ".join([ABSENT, *tried]))


def choices() -> list[dict[str, str]]:
    """Return what to try, in order: programs on the search path, then those that are known to Playwright."""
    found = filter(None, map(shutil.which, PROGRAMS))
    return [*({"executable_path": program} for program in found), *({"channel": name} for name in CHANNELS)]
