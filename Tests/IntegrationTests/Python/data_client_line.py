"""The Python client with a join line in a file, and what comes of a wrong one: data_client_line.py FILE FOLDER."""
import sys

path, folder = sys.argv[1:]
sys.path.insert(0, folder)
from mr_data import Client

with open(path) as file: line = file.read().strip()
client = Client(line)
assert client.submit("add", 1, 2).result(timeout=60) == 3
assert client.gather(client.map("len", [[1], [1, 2]])) == [1, 2]
version, pin, rest = line.split(".", 2)
secret, at = rest.split("@")
for wrong, word in (f"{version}.{pin[::-1]}.{secret}@{at}", "key is another"), (f"{version}.{pin}.{secret[::-1]}@{at}", "refuses"):
    try:
        Client(wrong, patience=1).submit("add", 1, 2).result(timeout=60)
        raise SystemExit(f"a wrong line was taken: {word}")
    except Exception as problem: assert word in str(problem), problem
print("only the right line")
