# expects: is not a function yet
strict_gate = gate(-0.013, -0.004)
