# expects: Look again at report B:
named = {"A": "late_labels_outstanding", "B": "celsius", "C": "carrier_renamed"}
