"""A model of your own answers what the built-in planner declines. Here it is a function that knows one statement; put your client there.

Needs: askleo.
"""

import tempfile
from pathlib import Path

import askleo

RIDES = "ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Oslo,17\n4,Rome,9\n5,Rome,31\n6,Rome,25\n7,Rome,11\n"
MEDIAN = """
SELECT city, avg(minutes) AS median_minutes
FROM (SELECT city, minutes, row_number() OVER (PARTITION BY city ORDER BY minutes) AS place, count(*) OVER (PARTITION BY city) AS rides
      FROM rides) AS placed
WHERE place IN ((rides + 1) / 2, (rides + 2) / 2) GROUP BY city ORDER BY city
"""


def complete(ctx, request):
    """Gives the JSON that `request["schema"]` asks for. The request says names and types, never rows; a coroutine does as well."""
    told = request["messages"][-1]["text"]
    print(f"  [model] {request['purpose']}; it is told: {told[:60]!r} ...")
    if "median" in told:
        return {"output": {"sql": MEDIAN, "params": []}, "input_tokens": 900, "output_tokens": 90, "model": "one-trick"}
    return {"output": {"sql": "DELETE FROM rides", "params": []}, "model": "one-trick"}


def show(leo, question):
    answer = leo.ask(question)
    print(f"{question}\n  {answer.status}: {answer.text}")
    if answer.table:
        print(f"  by {answer.provenance['planner']}, {answer.usage['tokens']} tokens\n{answer.table.to_markdown()}")
    for warning in answer.warnings:
        print(f"  warning: {warning}")


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "rides.csv"
    path.write_text(RIDES)
    with askleo.open(path) as leo:
        show(leo, "median minutes by city")
    print("\nWith a model:")
    with askleo.open(path, model=complete) as leo:
        show(leo, "average minutes by city")  # The built-in planner can do this: nobody asks the model.
        show(leo, "median minutes by city")
        show(leo, "frobnicate the rides")  # What a model writes is trusted no more than anybody's statement.
