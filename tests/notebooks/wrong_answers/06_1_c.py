# expects: has no alias `shadow`
client.delete_registered_model_alias("late-scratch", "shadow")
client.set_model_version_tag("late-scratch", 1, "owner", "punctuality team")
client.set_model_version_tag("late-scratch", 1, "alias", "shadow")
