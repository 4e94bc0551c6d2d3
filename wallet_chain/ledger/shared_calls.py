"""Questions that many threads ask at the same moment travel to the chain together.

Whoever comes while an answer is on its way waits for the turn after it; whoever has that turn asks
for all who wait. So nobody waits longer than for two answers, and the chain is asked once for many.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Waiting(Generic[Question, Answer]):
    """A question, and what became of it."""

    question: Question
    done: bool = False
    answer: Answer | None = None
    failure: BaseException | None = None


class SharedCalls(Generic[Question, Answer]):
    """Turns a function of many questions into one of a single question, shared by threads."""

    def __init__(
        self, ask_many: Callable[[Sequence[Question]], Sequence[Answer]], at_once_max: int
    ) -> None:
        """``ask_many`` answers in the order of the questions, ``at_once_max`` at most."""
        self._ask_many = ask_many
        self._at_once_max = at_once_max
        self._queue: list[_Waiting[Question, Answer]] = []
        self._queue_lock = threading.Lock()
        self._turn = threading.Lock()

    def ask(self, question: Question) -> Answer:
        """The answer to this question. Raises what the shared call raised."""
        mine: _Waiting[Question, Answer] = _Waiting(question)
        with self._queue_lock:
            self._queue.append(mine)
        while not mine.done:
            with self._turn:
                if not mine.done:
                    self._answer_next()
        if mine.failure is not None:
            raise mine.failure
        return mine.answer  # type: ignore[return-value]

    def _answer_next(self) -> None:
        """Ask for those who have waited longest."""
        with self._queue_lock:
            asked = self._queue[: self._at_once_max]
            del self._queue[: self._at_once_max]
        try:
            answers = self._ask_many([waiting.question for waiting in asked])
            for waiting, answer in zip(asked, answers, strict=True):
                waiting.answer = answer
        except BaseException as failure:
            for waiting in asked:
                waiting.failure = failure
            raise
        finally:
            for waiting in asked:
                waiting.done = True
