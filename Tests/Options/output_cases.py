"""Forms of output: JSON is read by Python, and must say what text does."""

import base64
import json

import expected
from cases import app, case, whole
from data import lines
from running import Failed


def is_text(bytes_):
    try:
        bytes_.decode()
    except UnicodeDecodeError:
        return False
    return True


def member(row, name):
    """The bytes of a key or a value; what is no UTF-8 comes as base64 too, and nothing else does."""
    value = row.pop(name)
    encoded = row.pop(name + "_base64", None)
    if isinstance(value, str):
        if encoded is None:
            return value.encode()
        found = base64.b64decode(encoded, validate=True)
        if is_text(found) or found.decode(errors="replace") != value:
            raise Failed(f"{name} {value!r} is base64 too, of {found!r}")
        return found
    # All digits: Python's numbers are no help for long ones with decimals.
    return value


def pairs(part):
    """Lines `key TAB value` of lines of JSON."""
    made = []
    for line in lines(part):
        row = json.loads(line.decode(), parse_int=str.encode, parse_float=str.encode)
        key, value = member(row, "key"), member(row, "value")
        if row:
            raise Failed(f"a row has more members: {row}")
        made.append(key + b"\t" + value)
    return expected.text_of(made)


JSON = {"read": pairs}
app("wordcount", "--output-format json", expected.wordcount, **JSON)
app("index", "--output-format json", lambda files: expected.index(files), **JSON)
app("top", "--output-format json --option lines=true --option k=500", lambda files: expected.top(files, 500, lambda line: [line]),
    key=lambda line: b"", **JSON)
app("ngrams", "--output-format json --letters", lambda files: expected.ngrams(files, letters=True), **JSON)
for name, choose in {"sum": sum, "max": max, "mean": expected.mean()}.items():
    app(name, "--output-format json", lambda files, choose=choose: expected.numbers(files, choose), data="numbers", **JSON)
case("--mapper", "cat", "--reducer", "cat", "--output-format", "json", **JSON)(
    lambda files: expected.sorted_pairs(expected.all_lines(files)))


def keys_of(text):
    return expected.text_of(line.partition(b"\t")[0] for line in lines(text))


app("wordcount", "--output-format key", lambda files: keys_of(expected.wordcount(files)), key=whole)
app("sum", "--output-format key --reduces 2", lambda files: keys_of(expected.numbers(files, sum)), data="numbers", key=whole)
case("--reducer", "uniq", "--output-format", "key", key=whole)(
    lambda files: keys_of(expected.piped("uniq", expected.sorted_pairs(expected.all_lines(files)))))
app("top", "--output-format text", expected.top)
