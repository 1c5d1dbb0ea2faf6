# expects: strict_gate(-0.013, -0.000001, 0.01) answers 'not yet', not 'yes'
def strict_gate(low, high, gap):
    if round(high, 3) < 0 and abs(gap) <= 0.05:
        return "yes"
    return "no" if round(low, 3) > 0 else "not yet"
