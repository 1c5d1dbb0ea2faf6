# expects: is 'None', which is no team's name
client.set_registered_model_alias("late-scratch", "shadow", 1)
client.set_model_version_tag("late-scratch", 1, "owner", None)
