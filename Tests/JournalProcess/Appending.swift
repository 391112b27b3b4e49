import Journal
import TestSupport

/// Stores batches that are numbered on from what is there. A snapshot is the number of the last batch that it stands for.
struct Appending {
    let path: String
    let count: Int
    let byteCount: Int
    let checkpointEvery: Int?

    func run() throws {
        let (journal, contents) = try Journal.open(path: path)
        var last = contents.snapshot.flatMap(NumberedBytes.number) ?? 0
        last += contents.batches.count
        if contents.header == nil { try journal.begin(header: NumberedBytes.make(0, byteCount: byteCount)) }
        say("begun")
        for number in last + 1..<last + 1 + count {
            do {
                try journal.append(NumberedBytes.make(number, byteCount: byteCount))
                say("acknowledged \(number)")
                if let checkpointEvery, number % checkpointEvery == 0 {
                    try journal.checkpoint(NumberedBytes.make(number, byteCount: 3 * byteCount))
                    say("checkpoint \(number)")
                }
            } catch {
                say("error \(error)")
                try tryAgain(journal)
            }
        }
        journal.close()
        say("closed")
    }

    /// What failed once must go on failing.
    private func tryAgain(_ journal: Journal) throws {
        try journal.append([1, 2, 3])
        say("stored after an error")
    }
}
