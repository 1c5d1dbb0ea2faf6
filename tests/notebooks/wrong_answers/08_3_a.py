# expects: the gap raises an alarm
false_alarms = ["Apr", "Jun", "Jul", "Aug", "Dec"]
