# expects: but fewer would do as well
slow = monitoring.report_times(flights, on_time=1, late=14) - flights["sched_dep"]
late = flights[LABEL] == 1
wait = next(days for days in range(1, 200) if (slow[late] > days * DAY).mean() <= 0.05)
