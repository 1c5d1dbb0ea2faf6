"""The server speaks the chat protocol, and fails when it is told to."""
import pytest
from fastapi.testclient import TestClient

from helpers.assistant import chat_server, quoting

BODY = {"model": "quoting", "messages": [{"role": "user", "content": "[p] Planes fly.\n\nQuestion: What flies?"}]}


@pytest.fixture
def client():
    """Return a client of a new server."""
    return TestClient(chat_server.make_app())


def test_an_answer_has_the_form_of_the_protocol(client):
    """With the numbers of words that were read and written."""
    answer = client.post("/v1/chat/completions", json=BODY).json()
    message = answer["choices"][0]["message"]
    assert message == {"role": "assistant", "content": f"{quoting.SAYS} Planes fly."}
    assert answer["usage"] == {"prompt_tokens": 6, "completion_tokens": 10, "total_tokens": 16}


def test_faults_come_in_order_and_end(client, monkeypatch):
    """Busy, nonsense, slow, and then answers again."""
    waited = []
    monkeypatch.setattr(chat_server.time, "sleep", waited.append)
    assert client.put("/faults", json=["busy", "nonsense", "slow"]).status_code == 200
    answers = [client.post("/v1/chat/completions", json=BODY) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 200, 200, 200]
    assert answers[1].text.startswith("<html>") and waited == [3.0, 0]


def test_an_unknown_fault_or_model_is_refused_with_a_sentence(client):
    """As is a body that is no request."""
    assert "no fault 'fire'" in client.put("/faults", json=["fire"]).json()["error"]["message"]
    assert client.post("/v1/chat/completions", json=BODY | {"model": "large"}).status_code == 400
    assert client.post("/v1/chat/completions", json={}).status_code == 400
    for message in ("a text alone", {"role": "user", "content": None}, {"role": "user", "content": ["a part"]}):
        body = BODY | {"messages": [message], "tools": [{"function": {"name": "count"}}]}
        assert client.post("/v1/chat/completions", json=body).status_code == 400, message
