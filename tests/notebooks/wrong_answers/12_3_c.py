# expects: somebody else has registered it
known_versions = {}
def register_once(name, run_id, source):
    if (name, run_id) not in known_versions:
        known_versions[name, run_id] = client.create_model_version(name, source=source, run_id=run_id).version
    return known_versions[name, run_id]
