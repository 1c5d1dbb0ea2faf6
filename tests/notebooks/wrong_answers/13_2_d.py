# expects: which he does not need
call("admin", "DELETE", "users/delete", username="bob")
people["bob"] = secrets.token_urlsafe(16)
call("admin", "POST", "users/create", username="bob", password=people["bob"])
for kind, name in [("registered_model", "late"), ("experiment", experiment)]:
    grant = {"username": "bob", "resource_type": kind, "resource_id": name, "permission": "EDIT"}
    call("admin", "POST", "users/permissions/grant", api="3.0", **grant)
