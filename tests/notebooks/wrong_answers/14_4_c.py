# expects: its new column
busy = basic
