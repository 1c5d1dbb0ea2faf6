"""The figures of monitoring as gauges of Prometheus, served on loopback for it to scrape."""
import contextlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from helpers.drift import ReferenceProfile
from helpers.live.prediction_log import PredictionLog

HOST = "127.0.0.1"


class Monitor:
    """Gauges for drift, completeness of labels, and the comparison of answers and shadow.

    One that was never set is not served, so that a rule over it stays silent and does not take it for zero.
    """

    def __init__(self) -> None:
        """Make a registry for them."""
        self._registry, self._gauges = CollectorRegistry(), {}
        self._server = None

    def start(self) -> None:
        """Serve them on a free port until `stop`, or until this process ends."""
        self._server, _ = start_http_server(0, HOST, self._registry)

    @property
    def url(self) -> str:
        """Where they are served."""
        return f"http://{HOST}:{self._server.server_port}"

    def set(self, name: str, value: float | Mapping[str, float], label: str = "feature") -> None:
        """Set the gauge ``monitoring_NAME``; where there are several values, each goes with its label's value."""
        several = isinstance(value, Mapping)
        if name not in self._gauges:
            labels = [label] if several else []
            self._gauges[name] = Gauge(f"monitoring_{name}", name.replace("_", " "), labels, registry=self._registry)
        gauge = self._gauges[name]
        if not several:
            gauge.set(value)
            return
        gauge.clear()
        for key, one in value.items():
            gauge.labels(key).set(one)

    def compare(self, log: Path, champion: int) -> None:
        """Set what a champion's answers and the shadow's forecasts differ by in the mean, and over how many flights.

        Parameters
        ----------
        log : Path
            The file of the prediction log.
        champion : int
            The version whose answers count.
        """
        with contextlib.closing(PredictionLog(log)) as opened:
            predictions = opened.read()
        ours = predictions.query("role == 'shadow' or role == 'answer' and version == @champion")
        both = ours.pivot(index="id", columns="role", values="probability")
        both = both.reindex(columns=["answer", "shadow"]).dropna()
        self.set("compared_flights", len(both))
        self.set("answer_minus_shadow", (both["answer"] - both["shadow"]).mean() if len(both) else 0.0)

    def stop(self) -> None:
        """Serve them no longer."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def find_drift(
    profile: ReferenceProfile, reference: pd.DataFrame, recent: pd.DataFrame, negligible: float = 0.1
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the PSI of recent flights by feature, and its limits: the largest among whole weeks of the reference.

    Parameters
    ----------
    profile : ReferenceProfile
        Of the reference.
    reference, recent : DataFrame
        Flights with their ``date`` and the features of the profile.
    negligible : float
        The least limit: smaller changes do not matter.
    """
    names = [*profile.features]
    week = (reference["date"] - reference["date"].min()).dt.days // 7
    whole = [rows for _, rows in reference.groupby(week) if rows["date"].nunique() == 7]
    limits = pd.DataFrame([_find_psi(profile, rows[names]) for rows in whole]).max().clip(lower=negligible)
    return _find_psi(profile, recent[names]).to_dict(), limits.to_dict()


def _find_psi(profile: ReferenceProfile, rows: pd.DataFrame) -> pd.Series:
    """Return the PSI of each feature."""
    return profile.compare(rows, ["psi"]).set_index("feature")["value"]
