"""A stand-in for a language model: it quotes sentences by rule, asks for a tool by rule, and judges by rule.

It understands nothing and says so in each answer. Of the instructions in a prompt it follows three, which it
finds by their wording wherever they stand, also in a page:

- "Quote at most N sentences" (without it, one);
- "Name the page" behind each quotation;
- "If the pages do not answer the question, say so": where the quotation and the question share too few words.
"""
import json
import math
import re
from collections import Counter

from helpers.assistant.search import split_words

SAYS = "I quote by rule and do not think:"
REFUSAL = "The pages do not answer this question."
_PAGE = re.compile(r"^\[(\S+)\] (.+)$", re.MULTILINE)  # as the application writes a page into its prompt
_LEAST = 0.5  # of the weight of the question's words, in the quotation, for it to count as an answer
_COMMON = set(re.findall(
    r"\w+",
    "a an and are as at be become by can count did do doe for from give had have how i if in is it its me more much "
    "my no not of on one or so say than that the their then there these they this to was we were what when where "
    "which who why will with would you your",
))
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")


def complete(messages: list[dict], tools: list[dict] | None = None) -> dict:
    """Return the message that answers a conversation, in the form of the chat protocol."""
    last = messages[-1]
    if "expert judge" in str(messages[0].get("content")):
        return _say(_judge(last["content"]))
    if last["role"] == "tool":
        return _say(f"{SAYS} {last['content']}")
    if tools and (month := _find_month(last["content"].rsplit("Question:", 1)[-1])):
        arguments = {"name": tools[0]["function"]["name"], "arguments": json.dumps({"month": month})}
        return _say(None) | {"tool_calls": [{"id": "call-1", "type": "function", "function": arguments}]}
    return _say(_quote("\n".join(message["content"] for message in messages), last["content"]))


def _say(content: str | None) -> dict:
    """Return a message of the assistant."""
    return {"role": "assistant", "content": content}


def _find_month(text: str) -> str | None:
    """Return the month of 2013 that a text names, such as 2013-06; None where it names none."""
    words = re.findall(r"[A-Za-z]+", text)
    named = [number for number, month in enumerate(_MONTHS, 1) if month.capitalize() in words]
    return f"2013-{named[0]:02d}" if named else None


def _quote(prompt: str, last: str) -> str:
    """Return sentences of a prompt's pages that share the most with its question, by the prompt's instructions."""
    pages, question = _PAGE.findall(prompt), last.rsplit("Question:", 1)[-1]
    sentences = [(page, sentence) for page, text in pages for sentence in split_sentences(text)]
    weights = _weigh([sentence for _, sentence in sentences], question)
    scores = [sum(weights[word] for word in weights if word in _list_words(sentence)) for _, sentence in sentences]
    most = re.search(r"Quote at most (\w+) sentence", prompt)
    number = {"one": 1, "two": 2, "three": 3}.get(most[1], 1) if most else 1
    order = sorted(range(len(sentences)), key=lambda place: (-scores[place], place))[:number]
    shared = set().union(*(_list_words(sentences[place][1]) for place in order)) & set(weights)
    enough = sum(weights[word] for word in shared) >= _LEAST * sum(weights.values())
    if not order or ("If the pages do not answer" in prompt and not enough):
        return f"{SAYS} {REFUSAL}"
    named = "Name the page" in prompt
    return " ".join([SAYS, *(f"{sentences[place][1]}{f' [{sentences[place][0]}]' * named}" for place in order)])


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [part for part in re.split(r"(?<=[.?!])\s+(?=[A-Z`(])", text) if part]


def _list_words(text: str) -> set[str]:
    """Return the words of a text that say something."""
    return {word for word in split_words(text) if word not in _COMMON}


def _weigh(sentences: list[str], question: str) -> dict[str, float]:
    """Return a weight for each word of a question, higher for words that few of some sentences have."""
    count = Counter(word for sentence in sentences for word in _list_words(sentence))
    return {word: math.log(1 + (len(sentences) + 1) / (count[word] + 1)) for word in sorted(_list_words(question))}


def _judge(asked: str) -> str:
    """Return the verdict on an answer as JSON: yes if it repeats half of the question's words or more."""
    question = _list_words(_find_field(asked, "inputs"))
    answer = _list_words(_find_field(asked, "outputs").replace(SAYS, ""))
    share = len(question & answer) / max(1, len(question))
    why = f"By rule, not by thought: the answer repeats {share:.0%} of the question's words, and half are enough."
    return json.dumps({"result": share >= 0.5, "rationale": why})


def _find_field(asked: str, name: str) -> str:
    """Return what stands under a name in the request of MLflow's judge."""
    found = re.search(rf"^{name}: (.+?)(?=^(?:inputs|outputs|expectations): |\Z)", asked, re.MULTILINE | re.DOTALL)
    text = found[1] if found else ""
    values = re.findall(r':\s*"((?:[^"\\]|\\.)*)"', text)  # of a dictionary the values alone
    return " ".join(values) or text
