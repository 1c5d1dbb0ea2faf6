call("admin", "DELETE", "users/delete", username="bob")  # to start over, where he is there
people["bob"] = secrets.token_urlsafe(16)
call("admin", "POST", "users/create", username="bob", password=people["bob"])
grant = {"username": "bob", "resource_type": "registered_model", "resource_id": "late", "permission": "EDIT"}
call("admin", "POST", "users/permissions/grant", api="3.0", **grant)
