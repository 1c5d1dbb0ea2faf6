# expects: strict_gate(-0.013, -0.004, 0.050001) answers 'yes', not 'not yet'
def strict_gate(low, high, gap):
    if high < 0 and abs(gap) <= 0.07:
        return "yes"
    return "no" if low > 0 else "not yet"
