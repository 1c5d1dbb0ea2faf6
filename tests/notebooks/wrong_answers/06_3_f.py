# expects: strict_gate(-0.013, 0, 0.01) answers 'yes', not 'not yet'
def strict_gate(low, high, gap):
    if (low + high) / 2 < 0 and abs(gap) <= 0.05:
        return "yes"
    return "no" if low > 0 else "not yet"
