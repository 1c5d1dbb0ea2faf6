# expects: It refits 9 times, and at most 5 are allowed
def alarm(check):
    return abs((check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum()) > 0.005
