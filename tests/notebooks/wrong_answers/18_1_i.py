# expects: which is not a function yet
test_delays_matter = "assert predict(april).mean() > 0.05"
