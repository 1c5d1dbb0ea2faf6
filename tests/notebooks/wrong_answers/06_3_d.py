# expects: a gap of +0.051
def strict_gate(low, high, gap):
    if high < 0 and abs(gap) <= 0.07:
        return "yes"
    return "no" if low > 0 else "not yet"
