# expects: all three months together
february_rows = int(client.get_run(client.get_model_version("late", 2).run_id).data.params["rows"])
