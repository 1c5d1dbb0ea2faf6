# expects: give the router
many = predict
