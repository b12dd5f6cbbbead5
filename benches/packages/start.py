"""How large the packages are when installed, and how long a process takes to load them. Prints rows of a Markdown table.

Usage: start.py PACKAGE PEERS. PACKAGE is the folder that `scripts/package` writes to, PEERS holds a virtual environment for each peer.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

STARTS = 25

# What a program imports to ask a database by a package; `langchain` alone imports next to nothing.
PEERS = [
    ("vanna", "vanna", "from vanna import Agent"),
    ("langchain", "langchain, langchain-community", "from langchain_community.agent_toolkits import create_sql_agent"),
    ("llama-index-core", "llama-index-core", "from llama_index.core.query_engine import NLSQLTableQueryEngine"),
    ("pandasai", "pandasai", "from pandasai import Agent"),
]


def seconds(command, folder):
    begun = time.perf_counter()
    # A peer that warns does so on every start.
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def over_bare(bare, loading, folder="/"):
    """Milliseconds that `loading` takes longer than `bare`, which take turns: of the medians, and P95 of the loading ones."""
    seconds(loading, folder)
    pairs = [(seconds(bare, folder), seconds(loading, folder)) for _ in range(STARTS)]
    bare, loading = (sorted(times) for times in zip(*pairs))
    start = statistics.median(bare)
    return [1000 * (time - start) for time in (statistics.median(loading), loading[int(0.95 * STARTS)])]


def size(folder):
    return sum(path.lstat().st_size for path in Path(folder).rglob("*"))


def row(name, version, packed, installed, times):
    packed = f"{packed / 1e6:.1f} MB" if packed else "—"
    print(f"| {name} | {version} | {packed} | {installed / 1e6:,.1f} MB | {times[0]:,.1f} ms | {times[1]:,.1f} ms |", flush=True)


def python(environment, loading):
    interpreter = str(environment / "bin/python")
    return over_bare([interpreter, "-c", ""], [interpreter, "-c", loading])


def packages(environment):
    return next(environment.glob("lib/python*/site-packages"))


def version(environment, name):
    folder = next(packages(environment).glob(f"{name.replace('-', '_')}-*.dist-info"))
    return folder.name.removesuffix(".dist-info").rsplit("-", 1)[1]


def main():
    out, peers = map(Path, sys.argv[1:])
    print("| | version | packed | installed | load, median | P95 |\n|---|---|---|---|---|---|")

    own = out / "bench-python"
    wheel = next((out / "wheels").glob("*.whl"))
    row("askleo for Python", version(own, "askleo"), wheel.stat().st_size, size(packages(own)), python(own, "import askleo"))

    node = out / "empty-node"
    tarballs = sum(path.stat().st_size for path in (out / "node").glob("*.tgz"))
    installed = size(node / "node_modules/askleo") + size(node / "node_modules/@askleo")
    number = next((out / "node").glob("askleo-*-*-*.tgz")).name.rsplit("-", 1)[1].removesuffix(".tgz")
    for name, loading in [
        ("askleo for Node, `require`", ["node", "-e", "require('askleo')"]),
        ("askleo for Node, `import`", ["node", "--input-type=module", "-e", "import 'askleo'"]),
    ]:
        row(name, number, tarballs, installed, over_bare([*loading[:-1], ""], loading, node))

    for folder, name, loading in PEERS:
        environment = peers / folder
        if (environment / "ready").exists():
            versions = ", ".join(version(environment, one) for one in name.split(", "))
            row(name, versions, None, size(packages(environment)), python(environment, loading))
        else:
            print(f"| {name} | not installed | | | | |")


main()
