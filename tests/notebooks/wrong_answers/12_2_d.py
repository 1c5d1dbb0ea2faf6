# expects: each carrier has its usual share
def carriers_are_in(month, past):
    now = month.groupby("carrier")["late"].agg(["size", "count"])
    large = now[now["size"] >= 100]
    return (large["count"] / large["size"] >= 0.95).all()
