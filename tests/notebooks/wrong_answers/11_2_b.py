# expects: it misses a refit that was worth it
def alarm(check):
    return (check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum() < -0.02
