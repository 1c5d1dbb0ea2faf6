# expects: should get False
@mlflow.genai.scorer
def grounded(outputs):
    """Whether the answer stands in one of the pages."""
    return outputs["answer"] in " ".join(page["text"] for page in outputs["pages"])
