# expects: which is not a function yet
register_once = "2"
