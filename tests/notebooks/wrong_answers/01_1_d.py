# expects: which is not a number
cancelled_share = True
