# expects: and not of `assistant`
better = mlflow.genai.register_prompt(name="assistant-better", template=first.template)
