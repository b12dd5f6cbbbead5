"""The peer of the database benches: the same statement with connectorx, into Arrow. `pip install connectorx pyarrow`."""

import os
import statistics
import time

import connectorx

times = []
for _ in range(7):
    started = time.perf_counter()
    table = connectorx.read_sql(os.environ["LEO_BENCH_URL"], os.environ["LEO_BENCH_SQL"], return_type="arrow")
    times.append(time.perf_counter() - started)
    print(f"connectorx: {times[-1] * 1e3:.0f} ms, {table.num_rows} rows")
print(f"connectorx {connectorx.__version__}: median {statistics.median(times) * 1e3:.0f} ms")
