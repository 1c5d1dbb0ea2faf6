# expects: a mean forecast may be neither too low nor too high
def strict_gate(low, high, gap):
    if high < 0 and gap <= 0.05:
        return "yes"
    return "no" if low > 0 else "not yet"
