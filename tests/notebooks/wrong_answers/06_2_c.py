# expects: This is another month
import json

inputs = client.get_run(client.get_model_version("late", 2).run_id).inputs.dataset_inputs
february_rows = json.loads(inputs[0].dataset.profile)["num_rows"]
