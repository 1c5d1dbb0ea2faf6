# expects: its alarm is right
false_alarms = ["Apr", "Jun", "Jul", "Aug", "Dec"]
