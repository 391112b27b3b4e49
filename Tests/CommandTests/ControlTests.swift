import CommandSupport
import JSON
import Model
import Testing
import WorkerProtocol
import XMLRPC

@testable import ControlCommand

@Suite("What mr-ctl makes of words and answers")
struct ControlTests {
    @Test("Tasks and attempts may be written in several ways", arguments: ["1-map-3", "map-3"])
    func tasks(text: String) throws {
        let task = TaskID(job: JobID(number: 1), kind: .map, index: 3)
        #expect(try TaskArgument.task(text) == task)
        #expect(try TaskArgument.taskOrAttempt(text) == (task, nil))
        #expect(try TaskArgument.taskOrAttempt(text + "/2") == (task, 2))
        #expect(try TaskArgument.taskOrAttempt(text + "-2") == (task, 2))
    }

    @Test(
        "What is no task is wrong usage, and shown harmlessly",
        arguments: ["", "map", "map 3", "1-map-x", "1-map-03", "1-map-3/0", "1-map-3/x", "1-map-3/1/1", "\u{1B}[2J"])
    func noTask(text: String) {
        do {
            _ = try TaskArgument.taskOrAttempt(text)
            Issue.record("'\(text)' was taken for a task")
        } catch {
            #expect(error.exitCode == 64 && !error.message.contains("\u{1B}"), "\(error.message)")
        }
    }

    @Test("A log on a terminal keeps its lines and tabs, and nothing that moves the cursor")
    func terminal() {
        let shown = TerminalText.log(Array("a\tb\n\u{1B}[2Jc\n\nd\u{9B}1m\n".utf8) + [0xff])
        #expect(String(decoding: shown, as: UTF8.self) == "a\tb\n\\x1b[2Jc\n\nd\\xc2\\x9b1m\n\\xff")
        #expect(TerminalText.log([]) == [])
        #expect(TerminalText.log([10, 10]) == [10, 10])
        #expect(TerminalText.lines("one\u{7}\ntwo") == "one\\x07\ntwo")
    }

    @Test("Columns are as wide as their widest cell, numbers at the right")
    func table() {
        var table = TextTable(["name", "n", "text"], numeric: [1])
        table.append(["a", "10", "x"])
        table.append(["longer", "9", ""])
        #expect(table.text == "name     n  text\na       10  x\nlonger   9  \n")
    }

    @Test("An answer becomes JSON with its members by name, and counts as whole numbers")
    func json() {
        let value: XMLRPCValue = [
            "b": .array([.int(1), .double(2), .double(0.5), .nil]), "a": .base64([65, 66]), "c": .boolean(true),
        ]
        #expect(JSONText(value).text == #"{"a":"QUI=","b":[1,2,0.5,null],"c":true}"#)
    }

    @Test("A file name is quoted as a shell needs it")
    func shellWords() {
        #expect(ShellWord.of(Array("out/a-b.c".utf8)) == "out/a-b.c")
        #expect(ShellWord.of(Array("my out".utf8)) == "'my out'")
        #expect(ShellWord.of(Array("it's".utf8)) == "'it'\\''s'")
        #expect(ShellWord.of([0x61, 0xff, 0x0a]) == "$'a\\xff\\x0a'")
        #expect(ShellWord.of([]) == "''")
    }
}
