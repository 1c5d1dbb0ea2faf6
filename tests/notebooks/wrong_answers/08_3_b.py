# expects: look for others
false_alarms = ["May"]
