# expects: is not a function yet
better_monitor = alarms
