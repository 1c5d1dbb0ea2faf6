# expects: return True or False
def alarm(check):
    return (check.days["champion"] - check.days["late"]) / check.days["flights"] < -0.02
