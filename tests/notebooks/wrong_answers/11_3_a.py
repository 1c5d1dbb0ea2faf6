# expects: and at most 7 are allowed
better_monitor = monitor
