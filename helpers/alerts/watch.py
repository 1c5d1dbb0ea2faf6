"""What Prometheus and Alertmanager do in a minute, with the stand-ins: scrape, evaluate, group, send."""
from dataclasses import dataclass, field

from helpers.alerts.notices import Notices
from helpers.alerts.rules import Alert, Alerts, Rule
from helpers.alerts.samples import Samples

MINUTE = 60  # seconds


@dataclass
class Watch:
    """Looks at servers once a minute of a clock that the caller keeps.

    Attributes
    ----------
    targets : dict
        The address of each server, by the name of its job.
    history : list of Alert
        All that have fired.
    """

    rules: list[Rule]
    notices: Notices
    targets: dict[str, str]
    samples: Samples = field(default_factory=Samples)
    history: list[Alert] = field(default_factory=list)
    alerts: Alerts = field(init=False)

    def __post_init__(self) -> None:
        """Begin without an alert."""
        self.alerts = Alerts(self.rules)

    def look(self, minute: int) -> None:
        """Scrape all servers as of a minute, evaluate the rules, and send the messages that are due."""
        now = MINUTE * minute
        for job, url in self.targets.items():
            self.samples.scrape(job, url, now)
        changed = self.alerts.look(self.samples, now)
        self.history += [alert for alert in changed if alert.ended is None]
        self.notices.take(changed, now)
        self.notices.send(now)
