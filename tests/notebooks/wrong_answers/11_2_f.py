# expects: alarm(check) raises AttributeError
def alarm(check):
    return abs(check.gap) > 0.02
