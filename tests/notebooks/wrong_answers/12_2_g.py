# expects: return True or False
def carriers_are_in(month, past):
    now = month.groupby("carrier")["late"].agg(["size", "count"])
    usual = past["late"].notna().groupby(past["carrier"]).mean()
    return now["count"] / now["size"] >= 0.95 * usual.loc[now.index]
