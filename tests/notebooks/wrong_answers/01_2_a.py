# expects: see exercise 1.1
known = ["sched_dep_time", "sched_arr_time", "carrier", "distance", "tailnum"]
