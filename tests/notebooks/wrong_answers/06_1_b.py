# expects: has no tag `owner`
client.set_registered_model_alias("late-scratch", "shadow", 1)
client.delete_registered_model_tag("late-scratch", "owner")
client.update_model_version("late-scratch", 1, description="owner: punctuality team")
