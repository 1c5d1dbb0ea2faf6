# expects: HA has 100 flights, so it counts
def carriers_are_in(month, past):
    now = month.groupby("carrier")["late"].agg(["size", "count"])
    usual = past["late"].notna().groupby(past["carrier"]).mean()
    large = now[now["size"] > 100]
    return (large["count"] / large["size"] >= 0.95 * usual[large.index]).all()
