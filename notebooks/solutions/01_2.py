# The timetable is public long before; the tail number is missing for cancelled flights only.
known = ["sched_dep_time", "sched_arr_time", "carrier", "distance"]
