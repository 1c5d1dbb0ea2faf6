"""The receiver keeps what it gets, and says it in lines."""
import requests

from helpers import servers
from helpers.alerts.receiver import Receiver

TEXTS = {"summary": "bad", "runbook": "R"}
ALERT = {"status": "firing", "labels": {"alertname": "A", "owner": "me"}, "annotations": TEXTS}


def test_a_message_is_told_once():
    """Each alert has its summary, its owner and its runbook; after `stop` nothing listens."""
    receiver = Receiver()
    receiver.start()
    message = {"status": "firing", "alerts": [ALERT, {**ALERT, "status": "resolved"}]}
    assert requests.post(f"{receiver.url}/page", json=message, timeout=30).status_code == 200
    assert receiver.read_new() == [
        "/page: firing, 2 alerts in one message", "  firing: A: bad", "    owner me, runbook R",
        "  resolved: A: bad", "    owner me, runbook R",
    ]  # fmt: skip
    assert receiver.read_new() == []
    port = int(receiver.url.rpartition(":")[2])
    receiver.stop()
    receiver.stop()
    assert not servers.accepts(port)
