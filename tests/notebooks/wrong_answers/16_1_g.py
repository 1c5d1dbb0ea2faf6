# expects: and not this sentence
@mlflow.genai.scorer
def grounded(outputs):
    text = outputs["answer"].removeprefix(quoting.SAYS).strip()
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", text)
    return bool(pairs) and all(
        set(said.split()) <= set(outputs["pages"].get(page, "").split()) for said, page in pairs
    )
