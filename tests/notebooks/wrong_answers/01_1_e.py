# expects: as a count or a guess is
cancelled_share = 1
