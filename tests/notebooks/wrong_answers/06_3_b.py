# expects: not 'not yet'
def strict_gate(low, high, gap):
    if high < 0 and abs(gap) <= 0.05:
        return "yes"
    return "no"
