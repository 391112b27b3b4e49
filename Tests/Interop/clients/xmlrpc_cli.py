"""xmlrpc-c's program `xmlrpc` against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs."""
import subprocess
import sys


url, options = sys.argv[1], []
if len(sys.argv) > 2:
    # It can't be told of a certificate.
    options = ["-curlnoverifypeer", "-curlnoverifyhost"]
    credentials, _, host = url.removeprefix("https://").partition("@")
    url = f"https://{host}"
    user, _, password = credentials.partition(":")
    options += [f"-username={user}", f"-password={password}"]


def check(feature, body):
    try:
        reason = body()
        print(feature, "n/a" if reason else "ok", reason or "", sep="\t")
    except Exception as error:
        print(feature, "FAILED", f"{type(error).__name__}: {error}"[:200].replace("\n", " "), sep="\t")


def call(*words):
    """What the program prints of the result; an error's text when it fails."""
    run = subprocess.run(["xmlrpc", *options, url, *words], capture_output=True, text=True)
    return run.stdout.partition("Result:")[2].strip() if run.returncode == 0 else run.stderr


def same(kind, title, *texts):
    for text in texts:
        answer = call("test.echo", f"{kind}/{text}")
        assert answer == f"{title}: {text}", f"{text!r:.60} came back as {answer!r:.60}"


def validator1():
    assert "ctAmpersands" in call("validator1.countTheEntities", "s/<<&>")
    assert "3000" in call("validator1.simpleStructReturnTest", "i/3")
    return "takes no arrays, structs or dates as arguments"


def boolean():
    assert call("test.echo", "b/true") == "Boolean: TRUE" and call("test.echo", "b/false") == "Boolean: FALSE"


def base64():
    answer = call("test.echo", "h/00ff7f")
    assert "00ff7f" in answer.lower().replace(" ", ""), answer


def unicode():
    # It prints bytes that are not ASCII as they would be written in C.
    answer = call("test.echo", "s/grün")
    assert answer in (r"String: 'gr\xc3\xbcn'", "String: 'grün'"), answer


def same_text(*texts):
    for text in texts:
        answer = call("test.echo", f"s/{text}")
        assert answer == f"String: '{text}'", f"{text!r:.60} came back as {answer!r:.60}"


def fault():
    text = call("test.fail", "i/42", "s/what went wrong")
    assert "42" in text and "what went wrong" in text, text
    assert "-32601" in call("test.missing")


def introspection():
    assert "test.echo" in call("system.listMethods")
    assert call("system.methodHelp", "s/test.echo").startswith("String:")
    assert "struct" in call("system.methodSignature", "s/validator1.easyStructTest")


check("validator1", validator1)
check("int", lambda: same("i", "Integer", "0", "1", "-1", "2147483647", "-2147483648"))
check("boolean", boolean)
check("double", lambda: same("d", "Floating Point", "0.500000", "-2.250000"))
check("string", lambda: same_text("plain", "  spaces  ", "<&>", "]]>", "&amp;"))
check("unicode", unicode)
check("emoji", lambda: "refuses characters past U+FFFF")
check("CR", lambda: "turns CR into LF when a string is read")
check("empty", lambda: same_text("") or "takes no arrays, structs or dates as arguments")
check("base64", base64)
check("dateTime", lambda: "takes no arrays, structs or dates as arguments")
check("nested", lambda: "takes no arrays, structs or dates as arguments")
check("big", lambda: "takes its arguments from the command line")
check("nil", lambda: None if call("test.echo", "n/") == "Nil" else call("test.echo", "n/"))
check("i8", lambda: same("I", "64-bit integer", "2147483648", "-9223372036854775808"))
check("fault", fault)
check("introspection", introspection)
check("multicall", lambda: "takes no arrays, structs or dates as arguments")
