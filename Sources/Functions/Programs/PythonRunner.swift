/// The Python program that runs functions of an uploaded file: `python3 -c TEXT FILE`.
///
/// It reads calls, one after another: `LENGTH`, a line feed, and a methodCall of so many bytes with a function's name, what
/// `MR_FUNCTION` is to say (base64), an array of arguments and a struct of keywords. It answers each with a ``RunnerAnswer``. A
/// fault is the reason why there is no result: a traceback, or a sentence. It ends when a file can't be loaded, and when a
/// function has left processes or threads behind: then its end takes what it takes. Python's standard library is all that it needs.
enum PythonRunner {
    static let text = #"""
        import sys

        # Python looks for modules where it was started first: files there are not meant.
        if sys.path and sys.path[0] == "":
            del sys.path[0]

        import importlib.util
        import math
        import os
        import re
        import threading
        import traceback
        import xmlrpc.client
        from datetime import datetime

        DEPTH_MAX = 60
        TEXT_LENGTH_MAX = 16_000
        NAME_COUNT_MAX = 20
        NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


        class NoAnswer(Exception):
            """Why the function has no result that can be sent."""


        def plain(value, place, depth=1):
            """The value in types that xmlrpc.client writes, or NoAnswer with the place of what XML-RPC cannot carry."""
            if depth > DEPTH_MAX:
                raise NoAnswer(f"{place} lies deeper than {DEPTH_MAX} levels")
            if isinstance(value, bool):
                return value
            if isinstance(value, int):
                if not -2**63 <= value < 2**63:
                    raise NoAnswer(f"{place} is an integer of more than 64 bits; return str({place}) or float({place})")
                return int(value)
            if isinstance(value, float):
                if not math.isfinite(value):
                    raise NoAnswer(f"{place} is {float(value)}, and XML-RPC has finite numbers only")
                return float(value)
            if isinstance(value, str):
                if NOT_XML.search(value):
                    raise NoAnswer(f"{place} is a string with a character that XML forbids; return {place}.encode()")
                return str.__str__(value)
            if isinstance(value, (bytes, bytearray, memoryview)):
                return bytes(value)
            if isinstance(value, datetime):
                if value.tzinfo or value.microsecond:
                    raise NoAnswer(f"{place} is a datetime with a zone or microseconds, which XML-RPC has no place for")
                return value
            if isinstance(value, (list, tuple)):
                return [plain(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(value)]
            if isinstance(value, dict):
                return {
                    member_name(name, place): plain(item, f"{place}[{str(name)[:40]!r}]", depth + 1)
                    for name, item in value.items()
                }
            if value is None:
                raise NoAnswer(f"{place} is None, which XML-RPC does not have")
            raise NoAnswer(f"{place} is of type {type(value).__name__}, which XML-RPC does not have")


        def member_name(name, place):
            if not isinstance(name, str):
                raise NoAnswer(f"{place} is a dict with the key {repr(name)[:40]} of type {type(name).__name__};"
                               " XML-RPC has strings for names")
            if NOT_XML.search(name):
                raise NoAnswer(f"{place} is a dict with a key that holds a character that XML forbids")
            return str.__str__(name)


        def escape(text):
            # XML reads a plain carriage return as a line feed.
            return xmlrpc.client.escape(text).replace("\r", "&#13;")


        class Marshaller(xmlrpc.client.Marshaller):
            """Writes integers of more than 32 bits as i8, and carriage returns so that they stay."""

            dispatch = dict(xmlrpc.client.Marshaller.dispatch)

            def dump_integer(self, value, write):
                tag = "int" if -2**31 <= value < 2**31 else "i8"
                write(f"<value><{tag}>{value}</{tag}></value>\n")

            def dump_text(self, value, write):
                self.dump_unicode(value, write, escape=escape)

            def dump_members(self, value, write):
                self.dump_struct(value, write, escape=escape)

            dispatch[int] = dump_integer
            dispatch[str] = dump_text
            dispatch[dict] = dump_members


        def load(path):
            """The file as a module."""
            folder, file = os.path.split(os.path.abspath(path))
            # Behind Python's own modules, so that a file does not take the place of one.
            sys.path.append(folder)
            name = os.path.splitext(file)[0]
            if name in sys.modules:
                name = "uploaded_" + name
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
            return module


        def find(module, name, file):
            function = getattr(module, name, None)
            if not callable(function):
                names = [n for n, value in vars(module).items() if callable(value) and not n.startswith("_")]
                raise NoAnswer(f"{file} has no function {name}; it has {', '.join(names[:NAME_COUNT_MAX]) or 'none'}")
            return function


        def traceback_text(error):
            """What Python prints of an exception, without what is this program's own."""
            frames = error.__traceback__
            while frames and re.match("<string>|<frozen ", frames.tb_frame.f_code.co_filename):
                frames = frames.tb_next
            text = "".join(traceback.format_exception(type(error), error, frames)).rstrip("\n")
            if len(text) > TEXT_LENGTH_MAX:
                half = TEXT_LENGTH_MAX // 2
                text = text[:half] + "\n[...]\n" + text[-half:]
            return NOT_XML.sub("\ufffd", text)


        def answer(body):
            """The methodResponse with what the body returns, or why it returns nothing."""
            try:
                response = (body(),)
            except NoAnswer as error:
                response = xmlrpc.client.Fault(1, NOT_XML.sub("\ufffd", str(error)))
            except BaseException as error:
                response = xmlrpc.client.Fault(2, traceback_text(error))
            return xmlrpc.client.dumps(response, methodresponse=True).encode()


        def is_alone():
            """Whether nothing that calls have started is left."""
            try:
                os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return threading.active_count() == 1 and not (sys.stdin.closed or sys.stdout.closed or sys.stderr.closed)
            return False


        def main():
            path, folder, own = sys.argv[1], os.getcwd(), os.getpid()
            calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.close(nothing)
            # Whatever is printed goes to standard error: answers have standard output for themselves.
            os.dup2(2, 1)
            xmlrpc.client.Marshaller = Marshaller
            module = None

            def run():
                nonlocal module
                if module is None:
                    module = load(path)
                return plain(find(module, name, os.path.basename(path))(*arguments, **keywords), "result")

            while header := calls.readline():
                request = calls.read(int(header))
                (name, shown, arguments, keywords), _ = xmlrpc.client.loads(request, use_builtin_types=True)
                sys.argv = [path]
                os.environb[b"MR_FUNCTION"] = shown
                document = answer(run)
                if os.getpid() != own:
                    # A copy of this process that the function made: the answer is the other one's.
                    os._exit(0)
                stays = module is not None and is_alone()
                if stays:
                    os.chdir(folder)
                    sys.stdout.flush()
                    sys.stderr.flush()
                answers.write(b"%s %d\n%s" % (b"stay" if stays else b"end", len(document), document))
                answers.flush()
                if not stays:
                    return


        main()
        """#
}
