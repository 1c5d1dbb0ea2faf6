# expects: leave gaps alone that are small
def alarm(check):
    return abs((check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum()) > 0.005
