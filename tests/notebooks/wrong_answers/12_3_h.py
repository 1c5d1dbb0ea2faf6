# expects: the number is
def register_once(name, run_id, source):
    known = [one for one in client.search_model_versions(f"name = '{name}'") if one.run_id == run_id]
    if known:
        client.delete_model_version(name, known[0].version)
    return client.create_model_version(name, source=source, run_id=run_id).version
