# expects: a mean forecast that is too low
def strict_gate(low, high, gap):
    if high < 0 and gap <= 0.05:
        return "yes"
    return "no" if low > 0 else "not yet"
