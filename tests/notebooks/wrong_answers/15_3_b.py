# expects: should get True
@mlflow.genai.scorer
def grounded(outputs):
    """Whether the answer stands in one of the pages."""
    return outputs["answer"] in outputs["pages"][0]["text"]
