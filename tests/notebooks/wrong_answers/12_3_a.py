# expects: and the number is 2: version 2 is of this run already
def register_once(name, run_id, source):
    return client.create_model_version(name, source=source, run_id=run_id).version
