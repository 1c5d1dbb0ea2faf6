colleague = clients.make_machine("colleague", week)
processes.run(colleague, fit, train, MLFLOW_TRACKING_URI=moved_uri, **database.access.login)
number = int(moved.get_model_version_by_alias("late", "champion").version)
