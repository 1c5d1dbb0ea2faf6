# expects: your list 0
untrusted = []
