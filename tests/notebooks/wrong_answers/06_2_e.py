# expects: is `num_elements`, the rows times the columns
import json

inputs = client.get_run(client.get_model_version("late", 2).run_id).inputs.dataset_inputs
profiles = {item.dataset.name: json.loads(item.dataset.profile) for item in inputs}
february_rows = profiles["2013-02"]["num_elements"]
