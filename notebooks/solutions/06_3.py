def strict_gate(low, high, gap):
    """Return whether a challenger is promoted: better, and calibrated to 0.05."""
    if high < 0 and abs(gap) <= 0.05:
        return "yes"
    return "no" if low > 0 else "not yet"
