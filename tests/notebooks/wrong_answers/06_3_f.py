# expects: -0.013 to +0.000
def strict_gate(low, high, gap):
    if (low + high) / 2 < 0 and abs(gap) <= 0.05:
        return "yes"
    return "no" if low > 0 else "not yet"
