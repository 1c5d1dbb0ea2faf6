# expects: better_monitor(day, before) returns nothing
def better_monitor(day, before):
    day.duplicated(["carrier", "flight", "origin"]).any()
