"""Samples that were scraped from /metrics, kept by their names and labels, as Prometheus keeps them."""
import bisect
import itertools
import math
from dataclasses import dataclass, field

import requests
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
_LOOKBACK = 300  # seconds after which a sample is too old to be shown


@dataclass
class Samples:
    """Values with the second of their scrape, by metric and labels.

    Each sample carries two labels more, as with Prometheus: `job`, what was scraped, and `instance`, where.
    """

    series: dict[str, dict[Labels, list[tuple[float, float]]]] = field(default_factory=dict)
    _scraped: dict[Labels, list[float]] = field(default_factory=dict)  # the seconds, by job and instance

    def scrape(self, job: str, url: str, now: float) -> None:
        """Read the metrics of a server, as of the second `now`; `up` is 1 where it answers and else 0."""
        try:
            answer = requests.get(f"{url}/metrics", timeout=30)
            text = answer.text if answer.ok else None
        except requests.RequestException:
            text = None
        self.add(text, now, job=job, instance=url.partition("//")[2])

    def add(self, text: str | None, now: float, **target: str) -> None:
        """Keep what a target's page of metrics says; no text says that it did not answer."""
        found = text_string_to_metric_families(text or "")
        rows = [(row.name, row.labels, row.value) for family in found for row in family.samples]
        self._scraped.setdefault(frozenset(target.items()), []).append(now)
        for name, labels, value in [*rows, ("up", {}, float(text is not None))]:
            kept = frozenset(item for item in {**labels, **target}.items() if item[1])  # "" is no label
            self.series.setdefault(name, {}).setdefault(kept, []).append((now, value))

    def find_last(self, name: str, now: float) -> Vector:
        """Return the values of a metric in the last scrape before the second `now`; a series that it lacks is gone."""
        found = {}
        for labels, points in self.series.get(name, {}).items():
            second = self._find_scrape(labels, now)
            values = dict(points[bisect.bisect_left(points, (second, -math.inf)) :][:1])
            if second in values and now - second < _LOOKBACK:
                found[labels] = values[second]
        return found

    def _find_scrape(self, labels: Labels, now: float) -> float:
        """Return when the target of a series was scraped last."""
        seconds = self._scraped[frozenset(item for item in labels if item[0] in ("job", "instance"))]
        return ([-math.inf] + seconds)[bisect.bisect_right(seconds, now)]

    def find_growth(self, name: str, now: float, seconds: float) -> Vector:
        """Return by how much the series of a counter grew in the last seconds, as Prometheus 2 computes `increase`."""
        found = {}
        for labels, points in self.series.get(name, {}).items():
            inside = [point for point in points if now - seconds <= point[0] <= now]
            if len(inside) > 1:
                found[labels] = _extrapolate(inside, now - seconds, now)
        return found


def _extrapolate(points: list[tuple[float, float]], start: float, end: float) -> float:
    """Return the growth of a counter over a window from the points in it, which seldom lie on its borders.

    Beyond the first and the last point the counter is taken to have grown on evenly: to the border where that is
    not much further than the next point would be, else for half of the usual distance; never to below zero.
    A value below the one before means that the counter began anew.
    """
    (first, began), (last, ended) = points[0], points[-1]
    growth = ended - began + sum(before for (_, before), (_, after) in itertools.pairwise(points) if after < before)
    covered = last - first
    usual = covered / (len(points) - 1)
    to_start = min(first - start, covered * began / growth) if growth > 0 else first - start
    missing = (distance if distance < 1.1 * usual else usual / 2 for distance in (to_start, end - last))
    return growth * (covered + sum(missing)) / covered
