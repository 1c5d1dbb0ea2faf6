# expects: its run is about version 1
def may_promote(version):
    try:
        run = client.get_run(version.tags["evidence"])
    except (KeyError, mlflow.MlflowException):
        return False
    params, is_there = run.data.params, run.info.lifecycle_stage == "active"
    return is_there and params.get("decision") == "yes" and params.get("challenger", "none") in str(version.version)
