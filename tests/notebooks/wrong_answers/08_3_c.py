# expects: look for others
false_alarms = list(gaps.index[(gaps["low"] < 0) & (gaps["high"] > 0)])
