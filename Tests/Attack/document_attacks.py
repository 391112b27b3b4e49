"""Documents that no parser should believe."""

import re

import wire
from attack_trial import fault_both_ways
from catalogue import expect, fault


def bombs(is_short):
    """Documents by name."""
    depth = 10_000 if is_short else 1_000_000
    wide = 200_000 if is_short else 2_000_000
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    body = wire.call(b"register_worker", b"<string>%s</string>")
    return {
        "billion laughs": b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY l0 "ha">%s]>' % entities + (body % b"&l9;")[21:],
        "quadratic blow-up": b'<!DOCTYPE m [<!ENTITY a "%s">]>' % (b"a" * 50_000) + (body % (b"&a;" * 50_000))[21:],
        "external entity": b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + (body % b"&x;")[21:],
        "remote entity": b'<!DOCTYPE m [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>' + (body % b"&x;")[21:],
        "parameter entity": b'<!DOCTYPE m [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>' + (body % b"y")[21:],
        "external DTD": b'<!DOCTYPE m SYSTEM "file:///etc/passwd">' + (body % b"y")[21:],
        "empty DTD": b"<!DOCTYPE methodCall>" + (body % b"y")[21:],
        "long DTD": b"<!DOCTYPE m [" + b'<!ENTITY e "x">' * (wide // 10) + b"]>" + (body % b"y")[21:],
        "XInclude": body % b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>',
        "deep arrays": wire.call(b"register_worker", b"<array><data><value>" * depth),
        "closed deep arrays": wire.call(
            b"register_worker", b"<array><data><value>" * 1_000 + b"</value></data></array>" * 1_000),
        "deep structs": wire.call(b"register_worker", b"<struct><member><name>n</name><value>" * depth),
        "deep unknown elements": b"<a>" * depth,
        "wide array": wire.call(b"job.workers", b"<array><data>" + b"<value/>" * wide + b"</data></array>"),
        "wide struct": wire.call(
            b"job.why", wire.struct({b"n%d" % n: b"<nil/>" for n in range(wide // 10)})),
        "many parameters": wire.call(b"job.status", *[b"<int>1</int>"] * (wide // 10)),
        "many attributes": b"<methodCall %s>" % b" ".join(b'a%d="x"' % n for n in range(wide // 10)),
        "long attribute": b'<methodCall a="%s"><methodName>x</methodName></methodCall>' % (b"x" * 9_000_000),
        "long name": b"<%s/>" % (b"x" * 9_000_000),
        "long method name": wire.call(b"x" * 9_000_000),
        "long comment": b"<!--" + b"x" * 9_000_000 + b"-->" + (body % b"y")[21:],
        "long instruction": b"<?x " + b"x" * 9_000_000 + b"?>" + (body % b"y")[21:],
        "character references": wire.call(b"job.why", b"<string>" + b"&#x41;" * wide + b"</string>"),
        "UTF-16 bomb": ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE m [<!ENTITY a "b">]><m>&a;</m>').encode("utf-16"),
        "unknown encoding": b'<?xml version="1.0" encoding="UTF-7"?>' + (body % b"+ADw-x")[21:],
    }


@fault("H3", "XML bombs: billion laughs, quadratic blow-up, external entities, 10^6 nested arrays, and others", short=True)
def xml_bombs(trial):
    target = trial.target()
    for name, document in bombs(trial.is_short).items():
        answer = wire.exchange(target.port, wire.post(target.token, document))
        code = wire.fault_code(answer)
        is_refused = wire.status(answer) in (400, 413) or (code is not None and code <= -32_500)
        expect(is_refused, f"{name} was answered {answer[:300]!r}")
        expect(b"root:" not in answer and len(answer) < 4_096, f"{name} came back: {answer[:300]!r}")
    target.finish()


NOT_DOCUMENTS = [
    b"", b" ", b"x", b"\0" * 100, b"\xff\xfe", b"<", b"<?xml version='1.0'?>", b"<methodCall", b"<methodCall/>",
    b"<methodCall></methodCall>", b"<methodResponse/>", b"<methodCall><methodName/></methodCall>",
    b"<methodCall><methodName>x</methodName><methodName>y</methodName></methodCall>",
    b"<methodCall><methodName>job.status</methodName></methodCall>x",
    b"<methodCall><methodName>job.status</methodName></methodCall><methodCall/>",
    b"<methodCall><methodName>job.status</methodName><params><param/></params></methodCall>",
    b"<methodCall><methodName>job.status</methodName><params><value/></params></methodCall>",
    b"{\"method\": \"job.status\"}", b"<html></html>", b"<!-- x -->",
]

WRONG_VALUES = [
    b"<int>99999999999999999999</int>", b"<int>2147483648</int>", b"<i4>-2147483649</i4>", b"<int>0x10</int>", b"<int/>",
    b"<int> </int>", b"<int>1.5</int>", b"<int>\xd9\xa1</int>", b"<i8>9223372036854775808</i8>", b"<double>NaN</double>",
    b"<double>inf</double>", b"<double>1e999</double>", b"<double>x</double>", b"<double/>", b"<boolean>2</boolean>",
    b"<boolean>yes</boolean>", b"<boolean/>", b"<base64>====</base64>", b"<base64>a</base64>", b"<base64>%%%</base64>",
    b"<dateTime.iso8601>yesterday</dateTime.iso8601>", b"<dateTime.iso8601>20261399T99:99:99</dateTime.iso8601>",
    b"<string>\x00</string>", b"<string>\x1b</string>", b"<string>\xff\xfe</string>", b"<string>&x;</string>",
    b"<string>&#0;</string>", b"<string>&#xD800;</string>", b"<string><b/></string>", b"<struct><member/></struct>",
    b"<struct><member><name>n</name></member></struct>", b"<array/>", b"<array><value/></array>", b"<unknown>1</unknown>",
]

SOUND_VALUES = [
    b"<int>-1</int>", b"<int>2147483647</int>", b"<i8>9223372036854775807</i8>", b"<double>-1e308</double>", b"<nil/>",
    b"<boolean>1</boolean>", b"<string></string>", b"<base64></base64>", b"<array><data/></array>", b"<struct/>",
    b"<dateTime.iso8601>20260101T00:00:00</dateTime.iso8601>", b"<array><data><value><array><data/></array></value></data></array>",
]


@fault_both_ways("H4", "malformed calls, wrong types, missing parameters, huge integers, NaN, bad base64, bad dates")
def malformed(trial):
    target = trial.target()

    def code_of(document, wanted, what):
        answer = wire.exchange(target.port, wire.post(target.token, document))
        code = wire.fault_code(answer)
        is_right = wire.status(answer) == 200 and wanted(code, answer)
        expect(is_right or (wire.status(answer) == 400 and document == b""), f"{what} was answered {answer[:400]!r}")

    def is_standard(code, _):
        return code is not None and -32_768 <= code <= -32_000

    for document in NOT_DOCUMENTS:
        code_of(document, is_standard, repr(document))
    for value in WRONG_VALUES:
        code_of(wire.call(b"job.why", value), is_standard, repr(value))
    for name in (b"x", b"job", b"job.", b"JOB.STATUS", b"job.status ", b"../job.status", b"system", b"__init__", b"a" * 4_000):
        code_of(wire.call(name), is_standard, repr(name[:100]))
    listed = wire.exchange(target.port, wire.post(target.token, wire.call(b"system.listMethods")))
    methods = [m for m in re.findall(rb"<string>([A-Za-z_.]+)</string>", listed)]
    expect(len(methods) > 15, f"few methods are listed: {listed[:300]!r}")
    count = 0
    for method in methods:
        for values in [[], *([v] for v in SOUND_VALUES), *([v] * 2 for v in SOUND_VALUES), *([v] * 3 for v in SOUND_VALUES)]:
            # Any text is a reason to cancel the job.
            if method == b"job.cancel" and values == [b"<string></string>"]:
                continue
            code_of(
                wire.call(method, *values), lambda code, answer: b"methodResponse" in answer and is_known(code),
                f"{method} with {values}")
            count += 1
    trial.say(f"{count} calls of {len(methods)} methods")
    target.finish()


def is_known(code):
    """No fault at all, a standard one, or one of those that the protocol names."""
    return code is None or -32_768 <= code <= -32_000 or code in (100, 101, 102)
