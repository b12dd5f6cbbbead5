"""The peers of the load bench: the same questions, at the same rate, to the same service.

Usage: load.py PEER DATABASE SERVICE RATE COUNT. Prints the seconds of each answer, a line each, and on stderr how many failed and the memory it took.
"""

import concurrent.futures
import resource
import sys
import time

QUESTION = "interquartile spread of the amounts in batch {}, please"


def langchain(database, service):
    """create_sql_query_chain, the form that LangChain's documentation begins with, and its tool that runs a statement."""
    from langchain_classic.chains import create_sql_query_chain
    from langchain_community.tools import QuerySQLDatabaseTool
    from langchain_community.utilities import SQLDatabase
    from langchain_openai import ChatOpenAI

    db = SQLDatabase.from_uri(database, engine_args={"pool_size": 32, "max_overflow": 200} if "postgres" in database else None)
    model = ChatOpenAI(model="second", base_url=service, api_key="none", max_retries=0)
    chain, tool = create_sql_query_chain(model, db), QuerySQLDatabaseTool(db=db)

    def ask(question):
        # What goes wrong is told in the result.
        rows = tool.invoke(chain.invoke({"question": question}))
        if not rows.startswith("[("):
            raise RuntimeError(rows)
        return rows

    return ask


def vanna(database, service):
    """Vanna's own class over OpenAI's client, with the structure as its only training and nothing looked up."""
    from openai import OpenAI
    from vanna.legacy.base import VannaBase
    from vanna.legacy.openai import OpenAI_Chat

    class Plain(OpenAI_Chat, VannaBase):
        def __init__(self, config):
            VannaBase.__init__(self, config=config)
            OpenAI_Chat.__init__(self, client=OpenAI(base_url=service, api_key="none", max_retries=0), config=config)

        def get_related_ddl(self, question, **_):
            return ["CREATE TABLE payments (id INTEGER PRIMARY KEY, customer_id INTEGER, amount INTEGER, paid_on TEXT)"]

        def log(self, *_, **__):
            pass

        def generate_embedding(self, data, **_):
            return []

        def nothing(self, *_, **__):
            return []

        get_related_documentation = get_similar_question_sql = get_training_data = nothing
        add_question_sql = add_ddl = add_documentation = remove_training_data = nothing

    import pandas
    import sqlalchemy

    engine = sqlalchemy.create_engine(database, **({"pool_size": 32, "max_overflow": 200} if "postgres" in database else {}))
    own = Plain({"model": "second"})
    own.run_sql = lambda sql: pandas.read_sql(sqlalchemy.text(sql), engine)
    return lambda question: own.run_sql(own.generate_sql(question))


def main():
    peer, database, service, rate, count = sys.argv[1:]
    ask, rate, count = globals()[peer](database, service), float(rate), int(count)
    ask(QUESTION.format(0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    failed = []

    def one(number, due):
        try:
            ask(QUESTION.format(number))
        except Exception as error:
            failed.append(error)
            return None
        return time.monotonic() - due

    with concurrent.futures.ThreadPoolExecutor(max_workers=count) as pool:
        start, asked = time.monotonic(), []
        for number in range(count):
            # From the moment it was due: who comes late because others are slow waited all the same.
            due = start + (number / rate if rate else 0)
            time.sleep(max(0.0, due - time.monotonic()))
            asked.append(pool.submit(one, number + 1, due))
        for answer in asked:
            if (took := answer.result()) is not None:
                print(took)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{len(failed)} failed {failed[:1]}, {before >> 10} MB before, {after >> 10} MB at most", file=sys.stderr)


main()
