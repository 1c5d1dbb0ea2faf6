def alarm(check):
    """Alarm when the gap is above .02 in size."""
    gap = (check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum()
    return abs(gap) > 0.02
