folder = Path(mlflow.artifacts.download_artifacts("models:/late-copy/1"))
tags = client.get_model_version("late-copy", "1").tags
(name_of_file,) = [
    tag.removeprefix("sha256 ") for tag, checksum in tags.items()
    if hashlib.sha256((folder / tag.removeprefix("sha256 ")).read_bytes()).hexdigest() != checksum
]
