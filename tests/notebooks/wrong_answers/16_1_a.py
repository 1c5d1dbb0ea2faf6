# expects: this stands in p2, not in p1
@mlflow.genai.scorer
def grounded(outputs):
    text = outputs["answer"].removeprefix(quoting.SAYS).strip()
    return any(text.partition(" [")[0] in page for page in outputs["pages"].values())
