still_there = {
    platform for platform, found in records.items()
    if all(record["model"] != models[record["name"]] for record in found)
}
