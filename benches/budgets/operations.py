"""Runs the query of the operations budget on DuckDB: a round for every line of standard input.

Reads a CSV file (service, name, status, duration in nanoseconds) into a table in memory. Prints the number of operations,
then for each round the seconds of processor time that the query took, all threads of this process together.
"""

import sys
import time

import duckdb

QUERY = """
SELECT service, name, count(*), count(*) FILTER (status = 2),
       quantile_cont(duration, 0.5), quantile_cont(duration, 0.95), quantile_cont(duration, 0.99)
FROM spans GROUP BY service, name
"""

database = duckdb.connect(":memory:")
database.execute("SET threads = 1")
database.execute(
    "CREATE TABLE spans AS SELECT * FROM read_csv(?, header = false, columns = "
    "{'service': 'VARCHAR', 'name': 'VARCHAR', 'status': 'UTINYINT', 'duration': 'UBIGINT'})",
    [sys.argv[1]],
)
print(len(database.execute(QUERY).fetchall()), flush=True)
for _ in sys.stdin:
    begun = time.process_time()
    database.execute(QUERY).fetchall()
    print(time.process_time() - begun, flush=True)
