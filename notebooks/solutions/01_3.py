the_day_before = raw.query("origin == 'JFK' and month == 2 and day == 8")
yesterday = (~(the_day_before["dep_delay"] <= 15)).mean()  # a flight that never left is held up too
