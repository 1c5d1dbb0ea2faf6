# expects: unexpected keyword argument 'depth'
changes = {"depth": 3}
