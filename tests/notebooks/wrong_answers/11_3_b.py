# expects: It has to find at least 9
def better_monitor(day, before):
    return day.duplicated(["date", "carrier", "flight", "origin"]).any() or (day["wind_speed"] == 0).all()
