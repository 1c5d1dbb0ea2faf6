"""The metrics of a live server as a table, read as notebook 9 reads them."""
import pandas as pd


def read_metrics(url: str, *names: str) -> pd.DataFrame:
    """Return some metrics of a live server for its own answers, not those of a shadow.

    A row for each version (an integer), a column for each name; 0 where nothing was counted.
    """
    import requests
    from prometheus_client.parser import text_string_to_metric_families

    text = requests.get(f"{url}/metrics", timeout=30).text
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    found = [(int(one.labels["version"]), one.name, one.value) for one in samples
             if one.name in names and "answer" in one.labels.values()]
    table = pd.DataFrame(found, columns=["version", "metric", "value"])
    return table.pivot(index="version", columns="metric", values="value").reindex(columns=names).fillna(0)
