still_there = {
    platform for platform, found in records.items()
    if all(record["model"].parent != FOLDER / "models" for record in found)
}
