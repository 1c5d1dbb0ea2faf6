# expects: The tag `owner` is on the registered model late-scratch
client.set_registered_model_alias("late-scratch", "shadow", 1)
client.set_registered_model_tag("late-scratch", "owner", "punctuality team")
