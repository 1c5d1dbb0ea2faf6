# expects: alarm(check) returns
def alarm(check):
    return (check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum()
