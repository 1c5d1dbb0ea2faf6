# expects: fewer than 100 flights
def carriers_are_in(month, past):
    now = month["late"].notna().groupby(month["carrier"]).mean()
    usual = past["late"].notna().groupby(past["carrier"]).mean()
    return (now >= 0.95 * usual[now.index]).all()
