"""Reads a file of rows as an analyst would, and prints its columns with their types, and its rows, as JSON.

read.py FILE      the ending of the name tells the format; in CSV every cell is read as text
"""

import json
import sys

import duckdb

# What JSON has too; everything else is printed as DuckDB spells it, moments in UTC.
PLAIN = {"BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"}


def main(path):
    database = duckdb.connect(config={"autoinstall_known_extensions": "false", "TimeZone": "UTC"})
    source = f"read_csv('{path}', header = true, all_varchar = true, delim = ',')" if ".csv" in path else f"'{path}'"
    found = database.sql(f"SELECT * FROM {source}")
    columns = [[name, str(kind)] for name, kind in zip(found.columns, found.types)]
    cells = [f'"{name}"' if kind in PLAIN else f'CAST("{name}" AS VARCHAR)' for name, kind in columns]
    rows = database.sql(f"SELECT {', '.join(cells)} FROM {source}").fetchall()
    print(json.dumps({"columns": columns, "rows": rows}))


main(sys.argv[1])
