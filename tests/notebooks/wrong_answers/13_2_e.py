# expects: with another password
call("admin", "DELETE", "users/delete", username="bob")
call("admin", "POST", "users/create", username="bob", password=secrets.token_urlsafe(16))
people["bob"] = secrets.token_urlsafe(16)
