"""What a model answered is recorded once and played from then on: tests with a model that need no key, no network, and always come out the same.

Needs: askleo.
"""

import tempfile
from pathlib import Path

import askleo

RIDES = "ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Rome,9\n"
QUESTION = "interquartile spread of the minutes, please"


def complete(ctx, request):
    """Stands for the model that you record: `"openai:gpt-5-mini"`, say."""
    print("  [model] asked")
    return {"output": {"sql": "SELECT max(minutes) - min(minutes) AS spread FROM rides", "params": []}, "model": "one-trick"}


def ask(place, cassette):
    # Prompts tell the day: fix it, and the same question is the same request tomorrow.
    with askleo.open(place, model=cassette, as_of="2024-06-30") as leo:
        answer = leo.ask(QUESTION)
        print(f"  {answer.status}, by {answer.provenance['planner']}: {answer.table.rows()}")


with tempfile.TemporaryDirectory() as folder:
    rides = Path(folder) / "rides.csv"
    rides.write_text(RIDES)
    # Keep this folder beside your tests; LEO_RECORD=1 records it anew.
    cassette = askleo.testing.Cassette(Path(folder) / "cassette", complete)
    print("recording")
    ask(rides, cassette)
    print("playing")
    ask(rides, cassette)
    with askleo.open(rides, model=cassette, as_of="2024-06-30") as leo:
        missed = leo.ask("interquartile spread of the rides, please")
        print(f"another question: {missed.warnings[-1]['message']}")
