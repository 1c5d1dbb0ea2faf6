"""The server of the assistant's language models, which speaks the common chat protocol, and fails when it is told to.

`POST /v1/chat/completions` answers as providers do. The body's `model` is ``quoting`` (`helpers.assistant.quoting`)
or ``smollm2`` (`helpers.assistant.small_model`). `PUT /faults` takes a list of faults, one for each of the next
requests: ``ok``, ``slow`` (three seconds more), ``busy`` (status 429) or ``nonsense`` (an answer that is no JSON).
"""
import threading
import time
from typing import Annotated, Any

from fastapi import Body, FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from helpers.assistant import quoting
from helpers.assistant.search import split_words
from helpers.assistant.small_model import SmallModel

FAULTS = ("ok", "slow", "busy", "nonsense")
_SLOW = 3.0  # seconds


class Models:
    """The two models behind one address; the small one is read when somebody first asks for it."""

    def __init__(self) -> None:
        """Begin without the small model and without faults."""
        self._small, self._lock = None, threading.Lock()
        self.faults: list[str] = []

    def next_fault(self) -> str:
        """Return the fault of this request."""
        with self._lock:
            return self.faults.pop(0) if self.faults else "ok"

    def complete(self, body: dict) -> dict:
        """Return the answer to a request of the chat protocol; raise KeyError for a model that is not here."""
        if body["model"] == "quoting":
            message = quoting.complete(body["messages"], body.get("tools"))
            asked = sum(_count(message_["content"]) for message_ in body["messages"])
            return _wrap(body["model"], message, asked, _count(message["content"] or str(message["tool_calls"])))
        if body["model"] == "smollm2":
            with self._lock:  # one answer at a time: it takes a whole core
                self._small = self._small or SmallModel()
                text, asked, said = self._small.complete(body["messages"], body.get("max_tokens") or 40)
            return _wrap(body["model"], {"role": "assistant", "content": text}, asked, said)
        raise KeyError(body["model"])


def _count(text: str | None) -> int:
    """Return how many words a text has; for the model that quotes, a word is a token."""
    return len(split_words(text or ""))


def _wrap(model: str, message: dict, asked: int, said: int) -> dict:
    """Return a message as the chat protocol sends it."""
    usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    reason = "tool_calls" if "tool_calls" in message else "stop"
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return {"id": "chat-1", "object": "chat.completion", "created": 0, "model": model, "choices": [choice],
            "usage": usage}


def make_app() -> FastAPI:
    """Return the application."""
    app, models = FastAPI(title="Chat"), Models()

    @app.get("/health")
    def health() -> dict:
        return {"status": "ok"}

    @app.put("/faults")
    def set_faults(faults: Annotated[list[str], Body()]) -> Response:
        if strange := sorted(set(faults) - set(FAULTS)):
            return _refuse(422, f"there is no fault {strange[0]!r}: choose among {', '.join(FAULTS)}")
        models.faults = faults
        return JSONResponse({"faults": faults})

    @app.post("/v1/chat/completions")
    def complete(body: dict[str, Any]) -> Response:
        fault = models.next_fault()
        if fault == "busy":
            return _refuse(429, "too many requests", {"Retry-After": "0"})
        if fault == "nonsense":
            return PlainTextResponse("<html>Bad gateway</html>")
        time.sleep(_SLOW if fault == "slow" else 0)
        try:
            return JSONResponse(models.complete(body))
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            return _refuse(400, f"the body is no request of the chat protocol, or the model is not here: {error}")

    return app


def _refuse(status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error as providers do."""
    return JSONResponse({"error": {"message": why, "code": status}}, status, headers)
