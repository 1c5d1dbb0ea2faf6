# expects: finds 0 of 11 faults
def better_monitor(day, before):
    return any(fault.covers(day["date"].iloc[0]) for fault in faults)
