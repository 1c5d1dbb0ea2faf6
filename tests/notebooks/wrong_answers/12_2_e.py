# expects: has .949 of its usual share
def carriers_are_in(month, past):
    now = month.groupby("carrier")["late"].agg(["size", "count"])
    usual = past["late"].notna().groupby(past["carrier"]).mean()
    large = now[now["size"] >= 100]
    return (large["count"] / large["size"] >= 0.9 * usual[large.index]).all()
