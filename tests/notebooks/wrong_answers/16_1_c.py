# expects: a refusal quotes nothing
@mlflow.genai.scorer
def grounded(outputs):
    text = outputs["answer"].removeprefix(quoting.SAYS).strip()
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", text)
    if quoting.REFUSAL in text:
        return True
    return bool(pairs) and all(said in outputs["pages"].get(page, "") for said, page in pairs)
