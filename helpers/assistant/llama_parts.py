"""The assistant's vectors and language model as parts of LlamaIndex."""
from collections.abc import Callable
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.llms import CustomLLM

from helpers.assistant.search import VectorSearch


class WordVectors(BaseEmbedding):
    """Pretrained vectors of words as an embedding."""

    def __init__(self, **settings: Any) -> None:
        """Read the vectors."""
        super().__init__(**settings)
        self._search = VectorSearch([])

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._search.embed(text).tolist()

    _get_query_embedding = _get_text_embedding

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


class ChatModel(CustomLLM):
    """A function that answers messages of the chat protocol, as a language model."""

    answer: Callable[[list[dict]], dict]

    @property
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex asks about a model."""
        return LLMMetadata(is_chat_model=True, context_window=8000)

    def chat(self, messages: list[ChatMessage], **settings: Any) -> ChatResponse:
        """Return the answer to some messages."""
        asked = [{"role": message.role.value, "content": message.content} for message in messages]
        return ChatResponse(message=ChatMessage(role="assistant", content=self.answer(asked)["content"]))

    def complete(self, prompt: str, formatted: bool = False, **settings: Any) -> CompletionResponse:
        """Return the answer to a text."""
        return CompletionResponse(text=self.answer([{"role": "user", "content": prompt}])["content"])

    def stream_complete(self, prompt: str, formatted: bool = False, **settings: Any):
        """Yield the answer to a text in one piece."""
        yield self.complete(prompt)
