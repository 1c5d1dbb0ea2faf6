# expects: not a function yet
find_cause = "search"
