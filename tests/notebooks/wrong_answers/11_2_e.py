# expects: returns nothing
def alarm(check):
    abs((check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum()) > 0.02
