"""Calls what mr-ctl serve-validator serves, with nothing but the standard library."""
import sys
import xmlrpc.client

server = xmlrpc.client.ServerProxy(sys.argv[1], allow_none=True)
stooges = {"moe": 1, "larry": 2, "curly": -3}

assert server.validator1.arrayOfStructsTest([stooges] * 3) == -9
assert server.validator1.countTheEntities("<>&'\"")["ctQuotes"] == 1
assert server.validator1.easyStructTest(stooges) == 0
nested = {"deep": {"deeper": [{}, {"x": [1, True, "<&>\n", None]}]}, "empty": {}}
assert server.validator1.echoStructTest(nested) == nested
six = [7, False, "seven", -7.5, xmlrpc.client.DateTime("20001231T23:59:59"), xmlrpc.client.Binary(bytes(range(256)))]
assert server.validator1.manyTypesTest(*six) == six
assert server.validator1.moderateSizeArrayCheck([f"<{n}>" for n in range(100)]) == "<0><99>"
assert server.validator1.nestedStructTest({"2000": {"04": {"01": stooges, "02": {}}}}) == 0
assert server.validator1.simpleStructReturnTest(-3) == {"times10": -30, "times100": -300, "times1000": -3000}

for value in [0, -(2**31), 1.5, "", "é\U0001F600", True, [], {}, None, six[4], six[5]]:
    assert server.test.echo(value) == value, value
assert server.test.void() is True
assert server.examples.getStateName(41) == "South Dakota"
assert server.examples.getStateNames(1, 2, 3, 50) == "Alabama\nAlaska\nArizona\nWyoming"
assert server.examples.getStateList([1, 50]) == "Alabama,Wyoming"
assert server.examples.getStateStruct({"a": 2, "b": 1}) == "Alaska,Alabama"
for code, wanted in [(1, 1), (-1, -1), (2**31 - 1, 2**31 - 1), (-32500, -32500), (-32700, -32500), (-32000, -32500)]:
    try:
        server.test.fail(code, "as <asked>")
        raise SystemExit(f"{code} did not fail")
    except xmlrpc.client.Fault as fault:
        assert (fault.faultCode, fault.faultString) == (wanted, "as <asked>"), fault
for name in server.system.listMethods():
    assert server.system.methodExist(name) and server.system.methodHelp(name), name
