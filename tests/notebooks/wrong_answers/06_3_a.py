# expects: the size of the gap is more than 0.05
def strict_gate(low, high, gap):
    if high < 0 and gap <= 0.05:
        return "yes"
    return "no" if low > 0 else "not yet"
