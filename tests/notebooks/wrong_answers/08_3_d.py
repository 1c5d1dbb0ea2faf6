# expects: another slack
gaps = gaps.assign(alarm=(gaps["low"] > 0.01) | (gaps["high"] < -0.01))
false_alarms = [name for name in by_month if not gaps.loc[name, "alarm"]]
