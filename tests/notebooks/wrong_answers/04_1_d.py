# expects: is a DataFrame of
lenient = flight.astype({"distance": "float"})
