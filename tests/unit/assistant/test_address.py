"""The assistant's model is the course's own, or the one that the reader names."""
import os

import pytest

from helpers.assistant import address


@pytest.mark.parametrize("named, wanted", [
    ("", ("http://127.0.0.1:1234/v1", "quoting", "none")),
    ("http://127.0.0.1:11434/v1 llama3.2", ("http://127.0.0.1:11434/v1", "llama3.2", "none")),
    ("https://api.example.org/v1 large secret", ("https://api.example.org/v1", "large", "secret")),
])
def test_one_variable_names_another_model(monkeypatch, named, wanted):
    """Its address, its name and its key; the course's server starts in any case, for its faults."""
    started = []
    monkeypatch.setattr(address.servers, "free_port", lambda: 1234)
    monkeypatch.setattr(address.servers.Server, "start", lambda self: started.append(self.command))
    for name in ("CHAT_ADDRESS", "CHAT_MODEL", "CHAT_KEY"):
        monkeypatch.setenv(name, "before")
    monkeypatch.setenv("WORKBOOK_CHAT", named)
    address.start_chat()
    assert tuple(os.environ[name] for name in ("CHAT_ADDRESS", "CHAT_MODEL", "CHAT_KEY")) == wanted
    assert started == [["helpers.assistant", "--port", "1234"]]
