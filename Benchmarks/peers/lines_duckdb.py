"""Files as a table of lines for DuckDB, and a query's result as a file."""
import duckdb


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def copy(query, files, output, delimiter):
    """Runs `query`, which reads the table `lines` with the column `line`, and writes what it gives."""
    connection = duckdb.connect(config={"threads": 2})
    names = ", ".join(map(quoted, files))
    # A delimiter that is in no text: so each line is one column.
    lines = (f"read_csv([{names}], columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false, delim = '\x01', "
             "quote = '', escape = '', new_line = '\\n', max_line_size = 33554432)")
    connection.execute(
        f"COPY (WITH lines AS (FROM {lines}) {query}) TO {quoted(output)} "
        f"(FORMAT csv, HEADER false, DELIMITER {quoted(delimiter)}, QUOTE '', ESCAPE '')")
