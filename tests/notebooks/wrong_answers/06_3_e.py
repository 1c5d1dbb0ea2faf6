# expects: the size of the gap is at most 0.05
def strict_gate(low, high, gap):
    if high < 0 and abs(gap) <= 0.02:
        return "yes"
    return "no" if low > 0 else "not yet"
