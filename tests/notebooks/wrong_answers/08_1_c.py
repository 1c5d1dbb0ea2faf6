# expects: is not a function yet
psi_of_labels = drift.psi(winter["carrier"], months["Apr"]["carrier"])
