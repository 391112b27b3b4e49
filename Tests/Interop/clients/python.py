"""Python's xmlrpc.client against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs."""
import datetime
import ssl
import sys
import xmlrpc.client

# Beside the URL, the certificate to trust, where that is https.
context = ssl.create_default_context(cafile=sys.argv[2]) if len(sys.argv) > 2 else None
proxy = xmlrpc.client.ServerProxy(sys.argv[1], allow_none=True, context=context)
echo = proxy.test.echo


def check(feature, body):
    try:
        reason = body()
        print(feature, "n/a" if reason else "ok", reason or "", sep="\t")
    except Exception as error:
        print(feature, "FAILED", f"{type(error).__name__}: {error}"[:200].replace("\n", " "), sep="\t")


def same(*values):
    for value in values:
        answer = echo(value)
        assert answer == value and type(answer) is type(value), f"{value!r:.60} came back as {answer!r:.60}"


def validator1():
    v = proxy.validator1
    rows = [{"moe": 1, "larry": 2, "curly": number} for number in (3, -4, 5)]
    assert v.arrayOfStructsTest(rows) == 4
    assert v.countTheEntities("<<>&&&''\"") == {
        "ctLeftAngleBrackets": 2, "ctRightAngleBrackets": 1, "ctAmpersands": 3, "ctApostrophes": 2, "ctQuotes": 1}
    assert v.easyStructTest({"moe": 1, "larry": 2, "curly": 3}) == 6
    assert v.echoStructTest({"a": {"b": [1, "2"]}}) == {"a": {"b": [1, "2"]}}
    date, data = xmlrpc.client.DateTime("20261121T14:08:55"), xmlrpc.client.Binary(b"\0\xff")
    assert v.manyTypesTest(7, True, "text", 2.5, date, data) == [7, True, "text", 2.5, date, data]
    assert v.moderateSizeArrayCheck([f"item {number}" for number in range(150)]) == "item 0item 149"
    day = {"moe": 1, "larry": 2, "curly": 3}
    assert v.nestedStructTest({"2000": {"04": {"01": day, "02": {}}}, "1999": {}}) == 6
    assert v.simpleStructReturnTest(3) == {"times10": 30, "times100": 300, "times1000": 3000}


def carriage_return():
    if echo("a\rb\r\nc") == "a\nb\nc":
        return "sends CR unescaped, which XML reads as LF"


def fault():
    try:
        proxy.test.fail(42, "what went <wrong>")
        raise AssertionError("no fault came")
    except xmlrpc.client.Fault as error:
        assert (error.faultCode, error.faultString) == (42, "what went <wrong>"), error
    try:
        proxy.test.missing()
        raise AssertionError("no fault came")
    except xmlrpc.client.Fault as error:
        assert error.faultCode, error


def introspection():
    assert "test.echo" in proxy.system.listMethods()
    assert isinstance(proxy.system.methodHelp("test.echo"), str)
    assert proxy.system.methodSignature("validator1.easyStructTest") == [["int", "struct"]]


def multicall():
    calls = xmlrpc.client.MultiCall(proxy)
    calls.test.echo(1)
    calls.test.fail(42, "inside")
    calls.test.echo("last")
    results = calls()
    assert results[0] == 1 and results[2] == "last"
    try:
        raise AssertionError(f"no fault but {results[1]}")
    except xmlrpc.client.Fault as error:
        assert error.faultCode == 42


check("validator1", validator1)
check("int", lambda: same(0, 1, -1, 2**31 - 1, -2**31))
check("boolean", lambda: same(True, False))
check("double", lambda: same(0.5, -2.25, 1e-7, 1e15, 0.1, -1234567.875))
check("string", lambda: same("plain", "  spaces  ", "<&>\"'", "]]>", "&amp;", "tab\tand\nline"))
check("unicode", lambda: same("grün", "日本語", "e\u0301", "\u00a0"))
check("emoji", lambda: same("😀"))
check("CR", carriage_return)
check("empty", lambda: same("", [], {}, [""], {"": ""}))
check("base64", lambda: same(xmlrpc.client.Binary(bytes(range(256))), xmlrpc.client.Binary(b"")))
check("dateTime", lambda: same(xmlrpc.client.DateTime(datetime.datetime(2026, 11, 21, 14, 8, 55))))
check("nested", lambda: same({"a": [1, [2, {"b": "c"}], {}], "d": {"e": {"f": [True, "x"]}}}))
check("big", lambda: same("x" * 1_000_000, list(range(10_000))))
check("nil", lambda: same(None, [None, 1]))
check("i8", lambda: "refuses to send more than 32 bits")
check("fault", fault)
check("introspection", introspection)
check("multicall", multicall)
