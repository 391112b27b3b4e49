// A journal in a process of its own, for tests that kill it and for timing:
//     journal-process append PATH COUNT BYTES [CHECKPOINT-EVERY]    stores numbered batches, and says which are acknowledged
//     journal-process hold PATH                                     has it open until standard input ends
//     journal-process open PATH                                     opens it
//     journal-process time FOLDER                                   how fast it is
import Glibc
import Journal

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case ("append", 4...5):
        try Appending(
            path: arguments[1], count: number(arguments[2]), byteCount: number(arguments[3]),
            checkpointEvery: arguments.count == 5 ? number(arguments[4]) : nil
        ).run()
    case ("hold", 2):
        let journal = try Journal.open(path: arguments[1]).journal
        say("open")
        while getchar() != EOF {}
        journal.close()
    case ("open", 2):
        try Journal.open(path: arguments[1]).journal.close()
        say("open")
    case ("time", 2): try Timing(folder: arguments[1]).run()
    default:
        say("see the first lines of \(#filePath)")
        exit(64)
    }
} catch {
    say("error \(error)")
    exit(1)
}

func number(_ text: String) -> Int {
    guard let number = Int(text) else {
        say("'\(text)' is not a number")
        exit(64)
    }
    return number
}
