# expects: windows have an alarm
limit = 0.25
