def carriers_are_in(month, past):
    """Return whether each large carrier has its usual share of labels."""
    now = month.groupby("carrier")["late"].agg(["size", "count"])
    usual = past["late"].notna().groupby(past["carrier"]).mean()
    large = now[now["size"] >= 100]
    return bool((large["count"] / large["size"] >= 0.95 * usual[large.index]).all())
