"""xmlrpc-c's program `xmlrpc` against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs."""
import subprocess
import sys


def check(feature, body):
    try:
        reason = body()
        print(feature, "n/a" if reason else "ok", reason or "", sep="\t")
    except Exception as error:
        print(feature, "FAILED", f"{type(error).__name__}: {error}"[:200].replace("\n", " "), sep="\t")


def call(*words):
    """What the program prints of the result; an error's text when it fails."""
    run = subprocess.run(["xmlrpc", sys.argv[1], *words], capture_output=True, text=True)
    return run.stdout.partition("Result:")[2].strip() if run.returncode == 0 else run.stderr


def same(kind, title, *texts):
    for text in texts:
        answer = call("test.echo", f"{kind}/{text}")
        assert answer == f"{title}: {text}", f"{text!r:.60} came back as {answer!r:.60}"


def validator1():
    stooges = "struct/{moe:i/1,larry:i/2,curly:i/3}"
    assert call("validator1.easyStructTest", stooges) == "Integer: 6", call("validator1.easyStructTest", stooges)
    assert call("validator1.arrayOfStructsTest", f"array/({stooges},{stooges})") == "Integer: 6"
    assert "ctAmpersands" in call("validator1.countTheEntities", "s/<<&>")
    assert "Integer: 3" in call("validator1.echoStructTest", stooges)
    many = call("validator1.manyTypesTest", "i/7", "b/true", "s/text", "d/2.5", "datetime/20261121T14:08:55", "h/00ff")
    assert "Integer: 7" in many and "text" in many, many
    items = ",".join(f"s/item {number}" for number in range(150))
    assert "item 0item 149" in call("validator1.moderateSizeArrayCheck", f"array/({items})")
    days = "struct/{2000:struct/{04:struct/{01:" + stooges + "}}}"
    assert call("validator1.nestedStructTest", days) == "Integer: 6"
    assert "3000" in call("validator1.simpleStructReturnTest", "i/3")


def fault():
    text = call("test.fail", "i/42", "s/what went wrong")
    assert "42" in text and "what went wrong" in text, text
    assert "-32601" in call("test.missing")


def introspection():
    assert "test.echo" in call("system.listMethods")
    assert call("system.methodHelp", "s/test.echo").startswith("String:")
    assert "struct" in call("system.methodSignature", "s/validator1.easyStructTest")


def multicall():
    answer = call("system.multicall", "array/(struct/{methodName:s/test.echo,params:array/(i/1)})")
    assert "Integer: 1" in answer, answer


check("validator1", validator1)
check("int", lambda: same("i", "Integer", "0", "1", "-1", "2147483647", "-2147483648"))
check("boolean", lambda: same("b", "Boolean", "true", "false") and None)
check("double", lambda: "prints doubles rounded")
check("string", lambda: "prints strings escaped")
check("unicode", lambda: same("s", "String", "'grün'"))
check("CR", lambda: "turns CR into LF when a string is read")
check("empty", lambda: None if "Array of 0 items" in call("test.echo", "array/()") else "NO")
check("base64", lambda: None if "00ff" in call("test.echo", "h/00ff").lower().replace(" ", "") else "NO")
check("dateTime", lambda: None if "2026" in call("test.echo", "datetime/20261121T14:08:55") else "NO")
check("nested", lambda: None if "Integer: 9" in call("test.echo", "array/(array/(struct/{a:array/(i/9)}))") else "NO")
check("big", lambda: "takes its arguments from the command line")
check("nil", lambda: None if "Nil" in call("test.echo", "n/") else "NO")
check("i8", lambda: same("I", "64-bit integer", "2147483648", "-9223372036854775808"))
check("fault", fault)
check("introspection", introspection)
check("multicall", multicall)
