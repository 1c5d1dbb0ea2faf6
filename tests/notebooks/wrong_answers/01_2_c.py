# expects: 1 more
known = ["sched_dep_time", "carrier", "distance"]
