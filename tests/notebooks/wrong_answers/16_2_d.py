# expects: has no {{pages}}
better = mlflow.genai.register_prompt(name="assistant", template=[{"role": "user", "content": "{{question}}"}])
