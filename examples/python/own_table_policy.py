"""Two tenants ask one table: each sees their own rows, addresses cut, no amounts for trainees; everything is on record.

Needs: askleo.
"""

import tempfile
from pathlib import Path

import askleo

ORDERS = """\
tenant,customer,email,region,amount
acme,Ada Byron,ada@example.com,north,120
acme,Alan Kay,alan@example.com,south,80
globex,Grace Hopper,grace@example.com,north,300
globex,Edsger Dijkstra,edsger@example.com,west,45
"""
USERS = [("acme", "nora", "member"), ("globex", "sven", "member"), ("acme", "tim", "trainee"), ("acme", "eve", "guest")]


def authorize(ctx, request):
    """Called for each question: what this user may see of `request["source"]`."""
    if not {"member", "trainee"} & set(ctx["roles"]):
        raise askleo.DeniedError("you are no member here; ask Ada for access")
    hidden = ["tenant", "amount"] if "trainee" in ctx["roles"] else ["tenant"]
    orders = {"row_filter": "tenant = :company", "masks": {"email": "partial"}, "deny_columns": hidden}
    # Names of their own customers are nothing to keep from them.
    return {"tables": {"orders": orders}, "show_personal_data": True}


class Audit:
    """Keeps what happened. A statement runs only when its event was taken."""

    def __init__(self):
        self.events = []

    def append(self, events):
        self.events.extend(events)

    def flush(self):
        pass


audit = Audit()
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "orders.csv"
    path.write_text(ORDERS)
    with askleo.Leo(sources=[{"place": path, "execution": True}], authorizer=authorize, audit=audit) as leo:
        for tenant, user, role in USERS:
            asking = leo.for_user(tenant, user, roles=[role], attributes={"company": tenant})
            try:
                print(f"{user} of {tenant}: {asking.ask('total amount by region').text}")
                print(asking.sql("SELECT customer, email FROM orders ORDER BY customer").table.to_markdown())
            except askleo.DeniedError as error:
                print(f"{user} of {tenant} is not let in: {error.message}\n")

for event in audit.events:
    if event["action"] == "statement" and event["purpose"] != "profile":  # Leo reads statistics once, on its own.
        print(f"{event['tenant']}/{event['user']}: {event['sql']}")
