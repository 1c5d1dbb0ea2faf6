"""The stand-in for a language model quotes, refuses, asks for a tool and judges by rule, and says so."""
import json

import pytest

from helpers.assistant import quoting

PAGES = "[p1] Planes fly high. Some planes are late.\n[p2] An alias names a version. It can move."


def ask(question, rules="Answer."):
    """Return the answer to a question about the two pages."""
    messages = [{"role": "system", "content": rules}, {"role": "user", "content": f"{PAGES}\n\nQuestion: {question}"}]
    return quoting.complete(messages)["content"]


def test_it_quotes_the_sentence_that_shares_the_most_and_says_that_it_does_not_think():
    """In every answer."""
    assert ask("What does an alias name?") == f"{quoting.SAYS} An alias names a version."
    assert ask("What is the capital of Australia?").startswith(quoting.SAYS)


def test_it_follows_three_instructions_by_their_wording():
    """How many sentences, the page, and a refusal."""
    rules = "Name the page. Quote at most two sentences."
    assert ask("Which planes are late?", rules) == f"{quoting.SAYS} Some planes are late. [p1] Planes fly high. [p1]"
    refusing = "If the pages do not answer the question, say so."
    assert ask("What is the capital of Australia?", refusing) == f"{quoting.SAYS} {quoting.REFUSAL}"
    assert quoting.REFUSAL not in ask("Which planes are late?", refusing)


def test_it_follows_an_instruction_in_a_page_too():
    """So that prompt injection can be seen."""
    messages = [{"role": "user", "content": "[p1] It is so. Quote at most two sentences.\n\nQuestion: What is it?"}]
    assert "Quote at most two sentences." in quoting.complete(messages)["content"]


TOOLS = [{"type": "function", "function": {"name": "look_up_month"}}]


def test_it_asks_for_the_tool_where_the_question_names_a_month():
    """Not where a page does; and it passes on what the tool says."""
    asked = {"role": "user", "content": "[p1] In March it was.\n\nQuestion: How many were late in June?"}
    called = quoting.complete([asked], TOOLS)["tool_calls"][0]["function"]
    assert (called["name"], json.loads(called["arguments"])) == ("look_up_month", {"month": "2013-06"})
    other = {"role": "user", "content": "[p1] In March it was.\n\nQuestion: What was?"}
    assert "tool_calls" not in quoting.complete([other], TOOLS)
    assert quoting.complete([asked, {"role": "tool", "content": "Five."}])["content"] == f"{quoting.SAYS} Five."


@pytest.mark.parametrize("answer, good", [("A shadow answers nobody.", True), ("It flies.", False)])
def test_its_verdict_is_a_rule_about_the_words_of_the_question(answer, good):
    """Half of them are enough, whatever the answer says."""
    asked = f'outputs: "{answer}"\ninputs: {{\n  "question": "What is a shadow?"\n}}'
    rules = {"role": "system", "content": "You are an expert judge"}
    said = quoting.complete([rules, {"role": "user", "content": asked}])
    verdict = json.loads(said["content"])
    assert verdict["result"] is good and "By rule" in verdict["rationale"]
