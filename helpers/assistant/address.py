"""Where the assistant's language model is: the course's own server, or one that the reader names."""
import os

from helpers import servers


def start_chat() -> servers.Server:
    """Start the server of the course's language models, and set the variables by which the assistant finds its model.

    These are ``CHAT_ADDRESS``, ``CHAT_MODEL`` and ``CHAT_KEY``. They name the model that quotes, unless the variable
    ``WORKBOOK_CHAT`` names another one: its address, its name and, where it needs one, its key, with blanks between
    them, such as ``http://127.0.0.1:11434/v1 llama3.2``.
    """
    port = servers.free_port()
    server = servers.Server(["helpers.assistant", "--port", str(port)], port)
    server.start()
    named = os.environ.get("WORKBOOK_CHAT", "").split() or [f"{server.url}/v1", "quoting"]
    address, model, key = [*named, "none"][:3]
    os.environ.update(CHAT_ADDRESS=address, CHAT_MODEL=model, CHAT_KEY=key)
    return server
