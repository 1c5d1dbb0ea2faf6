# expects: is no function yet
psi_of_labels = drift.psi(winter["carrier"], months["Apr"]["carrier"])
