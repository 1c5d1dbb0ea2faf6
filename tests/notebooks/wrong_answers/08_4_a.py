# expects: Report B is not 'celsius'
named = {"A": "late_labels_outstanding", "B": "celsius", "C": "carrier_renamed"}
