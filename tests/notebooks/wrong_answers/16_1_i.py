# expects: does not end its sentence so
@mlflow.genai.scorer
def grounded(outputs):
    text = outputs["answer"].removeprefix(quoting.SAYS).strip()
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", text)
    return bool(pairs) and all(said[:20] in outputs["pages"].get(page, "") for said, page in pairs)
