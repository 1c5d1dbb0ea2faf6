# expects: It never fires
def alarm(check):
    return (check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum() > 0.2
