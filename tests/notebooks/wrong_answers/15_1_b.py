# expects: its flavor is lightgbm
whole = chances["LightGBM"]
