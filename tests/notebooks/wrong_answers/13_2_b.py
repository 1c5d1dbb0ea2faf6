# expects: Bob cannot move the champion
call("admin", "DELETE", "users/delete", username="bob")
people["bob"] = secrets.token_urlsafe(16)
call("admin", "POST", "users/create", username="bob", password=people["bob"])
