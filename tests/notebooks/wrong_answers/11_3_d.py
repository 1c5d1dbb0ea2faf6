# expects: and at most 7 are allowed
def better_monitor(day, before):
    return any(day[name].nunique() == 1 for name in numbers)
