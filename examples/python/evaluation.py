"""Questions with known answers: how many come out right, what a change is worth, which bounds are not held, and a page about it.

Needs: askleo.
"""

import tempfile
from pathlib import Path

import askleo

RIDES = "ride,city,price\n1,Oslo,12\n2,Oslo,17\n3,Oslo,48\n4,Rome,9\n5,Rome,18\n6,Rome,30\n"
SUITE = """
tags: [rides]
questions:
  - { question: How many rides are there?, gold: SELECT count(*) FROM rides }
  - { question: total price by city, rows: [[Oslo, 77], [Rome, 57]] }
  - { question: takings by city, rows: [[Oslo, 77], [Rome, 57]], tags: [rides, metrics] }
  - { question: Who is the tallest?, tags: [unanswerable] }  # Right is not to answer it.
"""
METRICS = "metrics: [{ name: takings, table: rides, formula: sum(price) }]"


def tell(name, run):
    report = run["report"]
    print(f"{name}: {report['execution_match']:.0%} of {report['questions']} questions are right")
    for tag, share in report["per_tag"].items():
        print(f"  {tag}: {share['correct']:.0%} of {share['questions']}")
    for missed in run["missed"]:
        print(f"  not held: {missed}")


with tempfile.TemporaryDirectory() as folder:
    rides, suite, page = Path(folder) / "rides.csv", Path(folder) / "suite.yaml", Path(folder) / "report.html"
    rides.write_text(RIDES)
    suite.write_text(SUITE)
    with askleo.open(rides) as leo:
        before = leo.evaluate(suite, gates={"execution_match": 0.9})
        tell("as it is", before)
        # An evaluation is plain data: keep it as JSON, and compare with it in the next build.
        leo.import_knowledge(METRICS)
        after = leo.evaluate(suite, gates={"execution_match": 0.9, "allowed_drop": 0.0}, baseline=before)
        tell("with a metric", after)
        comparison = after["comparison"]
        print(f"  mended: {[change['question'] for change in comparison['fixed']]}, broken: {len(comparison['broken'])}")
        print(f"  four questions are too few to tell it from chance: p = {comparison['significance']['p_value']:.2f}")
        page.write_text(leo.evaluation_html(before, title="Rides", suite=suite), encoding="utf-8")
        print(f"a page of {page.stat().st_size // 1000} kB shows what is not right beside its reference")
