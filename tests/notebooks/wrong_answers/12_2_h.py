# expects: no carrier has 100 flights
def carriers_are_in(month, past):
    counts = month.groupby("carrier")["late"].agg(["size", "count"]).query("size >= 100")
    usual = past.groupby("carrier")["late"].agg(["size", "count"]).loc[counts.index]
    return bool(((counts["count"] / counts["size"]) / (usual["count"] / usual["size"])).min() >= 0.95)
