# expects: Look at air_time
known = ["sched_dep_time", "sched_arr_time", "carrier", "distance", "air_time"]
