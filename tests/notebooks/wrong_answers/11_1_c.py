# expects: At 23 days more than 10 % of the late flights
slow = monitoring.report_times(flights, on_time=1, late=14) - flights["sched_dep"]
known = flights[LABEL].notna()
wait = next(days for days in range(1, 100) if (slow[known] > days * DAY).mean() <= 0.05)
