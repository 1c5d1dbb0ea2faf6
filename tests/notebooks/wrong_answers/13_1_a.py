# expects: none is of the program
processes.run(clients.make_machine("lost", week), fit, train, MLFLOW_TRACKING_URI=runs_uri, **database.access.login)
number = 2
