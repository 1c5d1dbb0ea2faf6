# expects: It refits 6 times
def alarm(check):
    return abs((check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum()) > 0.01
