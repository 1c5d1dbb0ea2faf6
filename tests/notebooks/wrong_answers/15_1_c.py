# expects: its last step is a HistGradientBoostingClassifier
whole = chances["scikit-learn"]
