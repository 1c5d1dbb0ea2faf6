# expects: count as punctual
yesterday = (raw.query("origin == 'JFK' and month == 2 and day == 8")["dep_delay"] > 15).mean()
