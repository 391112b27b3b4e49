"""curl against a server, with documents of Python's: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs."""
import datetime
import subprocess
import sys
import xmlrpc.client

trust = ["--cacert", sys.argv[2], "--tlsv1.3"] if len(sys.argv) > 2 else []


def check(feature, body):
    try:
        body()
        print(feature, "ok", "", sep="\t")
    except Exception as error:
        print(feature, "FAILED", f"{type(error).__name__}: {error}"[:200].replace("\n", " "), sep="\t")


def call(method, *parameters):
    document = xmlrpc.client.dumps(parameters, method, allow_none=True).replace("\r", "&#13;").encode()
    run = subprocess.run(["curl", "-sS", "--fail", *trust, "-H", "Content-Type: text/xml", "--data-binary", "@-", sys.argv[1]],
                         input=document, capture_output=True)
    assert run.returncode == 0, run.stderr.decode().strip()
    return xmlrpc.client.loads(run.stdout, use_builtin_types=True)[0][0]


def same(*values):
    for value in values:
        answer = call("test.echo", value)
        assert answer == value and type(answer) is type(value), f"{value!r:.60} came back as {answer!r:.60}"


def validator1():
    assert call("validator1.arrayOfStructsTest", [{"moe": 1, "larry": 2, "curly": number} for number in (3, -4, 5)]) == 4
    assert call("validator1.countTheEntities", "<<>&&&''\"") == {
        "ctLeftAngleBrackets": 2, "ctRightAngleBrackets": 1, "ctAmpersands": 3, "ctApostrophes": 2, "ctQuotes": 1}
    day = {"moe": 1, "larry": 2, "curly": 3}
    assert call("validator1.easyStructTest", day) == 6
    assert call("validator1.echoStructTest", {"a": {"b": [1, "2"]}}) == {"a": {"b": [1, "2"]}}
    types = [7, True, "text", 2.5, datetime.datetime(2026, 11, 21, 14, 8, 55), b"\0\xff"]
    assert call("validator1.manyTypesTest", *types) == types
    assert call("validator1.moderateSizeArrayCheck", [f"item {number}" for number in range(150)]) == "item 0item 149"
    assert call("validator1.nestedStructTest", {"2000": {"04": {"01": day, "02": {}}}, "1999": {}}) == 6
    assert call("validator1.simpleStructReturnTest", 3) == {"times10": 30, "times100": 300, "times1000": 3000}


def i8():
    # Python writes no more than 32 bits: they are put into its document.
    for number in (2 ** 31, -2 ** 63, 2 ** 63 - 1):
        document = xmlrpc.client.dumps(("here",), "test.echo").replace("<string>here</string>", f"<i8>{number}</i8>")
        run = subprocess.run(
            ["curl", "-sS", "--fail", *trust, "-H", "Content-Type: text/xml", "-d", document, sys.argv[1]], capture_output=True)
        assert xmlrpc.client.loads(run.stdout)[0][0] == number, run.stderr or run.stdout[:60]


def fault(code, method, *parameters):
    try:
        raise AssertionError(f"{call(method, *parameters)!r:.60} where a fault was expected")
    except xmlrpc.client.Fault as fault:
        assert fault.faultCode == code, fault
        return fault.faultString


def faults():
    assert fault(42, "test.fail", 42, "what went <wrong>") == "what went <wrong>"
    fault(-32601, "test.missing")


def introspection():
    assert "test.echo" in call("system.listMethods")
    assert isinstance(call("system.methodHelp", "test.echo"), str)
    assert call("system.methodSignature", "validator1.easyStructTest") == [["int", "struct"]]


def multicall():
    calls = [{"methodName": "test.echo", "params": [1]}, {"methodName": "test.fail", "params": [42, "inside"]}]
    assert call("system.multicall", calls) == [[1], {"faultCode": 42, "faultString": "inside"}]


check("validator1", validator1)
check("int", lambda: same(0, 1, -1, 2 ** 31 - 1, -2 ** 31))
check("boolean", lambda: same(True, False))
check("double", lambda: same(0.5, -2.25, 1e-7, 1e15, 0.1, -1234567.875))
check("string", lambda: same("plain", "  spaces  ", "<&>\"'", "]]>", "&amp;", "tab\tand\nline"))
check("unicode", lambda: same("grün", "日本語", "e\u0301"))
check("emoji", lambda: same("😀"))
check("CR", lambda: same("a\rb\r\nc"))
check("empty", lambda: same("", [], {}))
check("base64", lambda: same(bytes(range(256)), b""))
check("dateTime", lambda: same(datetime.datetime(2026, 11, 21, 14, 8, 55)))
check("nested", lambda: same({"a": [1, [2, {"b": "c"}], {}], "d": {"e": {"f": [2.5, "x"]}}}))
check("big", lambda: same("x" * 1_000_000, list(range(10_000))))
check("nil", lambda: same(None))
check("i8", i8)
check("fault", faults)
check("introspection", introspection)
check("multicall", multicall)
