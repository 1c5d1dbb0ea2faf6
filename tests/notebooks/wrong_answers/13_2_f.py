# expects: create the login
call("admin", "DELETE", "users/delete", username="bob")
people["bob"] = secrets.token_urlsafe(16)
