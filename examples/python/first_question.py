"""Asks the sample company, and looks at what comes with an answer.

Needs: askleo.
"""

import askleo

with askleo.sample() as leo:
    answer = leo.ask("top 5 products by revenue in 2024")
    print(answer.text, end="\n\n")

    # The rows are Python values: whole numbers, floats, dates, Decimal where the database is exact.
    for product, revenue in answer.table.rows():
        print(f"  {product:<24} {revenue:>12,.2f}")

    # What ran, with its values written in, for people to read. What was sent has placeholders: `answer.sql`, `answer.params`.
    print("\n" + answer.sql_with_values)
    print(f"\nconfidence {answer.confidence:.2f}, planner {answer.provenance['planner']}")

    # A question without an answer is no error: the status and the text say why.
    for question in ("which orders are late?", "What is the meaning of life?"):
        answer = leo.ask(question)
        print(f"\n{question}\n  {answer.status}: {answer.text}")

    # Whoever wants only answers asks for an error instead.
    try:
        leo.ask("which orders are late?").raise_for_status()
    except askleo.UnsupportedError as error:
        print(f"\n{type(error).__name__}: {error.message}")
