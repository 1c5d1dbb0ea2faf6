# expects: it misses a refit that lowers the score
def alarm(check):
    return (check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum() < -0.03
