# expects: Cancelled flights are left out
yesterday = (raw.query("origin == 'JFK' and month == 2 and day == 8")["dep_delay"].dropna() > 15).mean()
