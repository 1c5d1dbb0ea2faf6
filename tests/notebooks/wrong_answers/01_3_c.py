# expects: of the day before only
yesterday = (~(raw.query("origin == 'JFK' and month == 2 and day == 9")["dep_delay"] <= 15)).mean()
