# expects: he may do everything
call("admin", "DELETE", "users/delete", username="bob")
people["bob"] = secrets.token_urlsafe(16)
call("admin", "POST", "users/create", username="bob", password=people["bob"])
call("admin", "PATCH", "users/update-admin", username="bob", is_admin=True)
