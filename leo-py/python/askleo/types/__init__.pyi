"""The plain data that Leo takes (`types.input`) and gives (`types.output`), and the events of its streams, for type checkers."""

from typing import Literal, TypedDict, Union

from typing_extensions import TypeAlias

from .._core import Answer
from . import input as input, output as output

class AnswerEvent(TypedDict):
    """The answer; the last event of a question."""

    event: Literal["answer"]
    answer: Answer

class ProgressEvent(TypedDict):
    """A sync goes on."""

    event: Literal["progress"]
    stage: output.SyncStage
    done: int
    total: int
    table: Union[output.TableName, None]
    problem: Union[output.ErrorInfo, None]
    position: Union[int, None]
    """While it waits for other syncs of the tenant: how many begin before it, and it."""
    eta_ms: Union[int, None]
    """What is left of the stage, in milliseconds."""

class CatalogEvent(TypedDict):
    """What is known of the source now; the last event of a sync."""

    event: Literal["catalog"]
    catalog: output.Catalog

AskEvent: TypeAlias = Union[output.AskEvent, AnswerEvent]
"""What happens on the way to an answer."""

SyncEvent: TypeAlias = Union[ProgressEvent, CatalogEvent]
"""What happens in a sync."""
