"""The course as a student sees it: JupyterLab in a real browser."""
import pytest

from browser import machine

pytestmark = pytest.mark.needs_group("browser")


def test_without_a_browser_the_reason_is_told(browser, monkeypatch):
    """A test is skipped with the remedy and what was tried; in CI it fails."""
    monkeypatch.setattr(machine, "choices", lambda: [{"executable_path": "/nowhere/chromium"}])
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium, Chrome or Edge starts here: install .*nowhere"):
        machine.first(browser.browser_type)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium, Chrome or Edge starts here"):
        machine.first(browser.browser_type)
