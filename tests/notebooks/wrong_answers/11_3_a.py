# expects: and nobody looks any more
better_monitor = monitor
