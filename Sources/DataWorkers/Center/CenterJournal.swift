package import Coordinator
import Glibc
import Journal
package import Logging
import Model
package import Shell
import Synchronization

/// The journal of a center by itself: what was submitted and what has failed, for the next start at the same place. Which objects there are it
/// hears from workers.
package final class CenterJournal: Sendable {
    /// As far as an earlier center had got; nil where there was none.
    package let earlier: Coordinator?
    package let path: String
    /// Where uploaded files are kept.
    let filesFolder: String
    private let journal: Journal
    private let failure = Mutex<String?>(nil)
    private let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    /// - Parameter folder: Is made where it is not there.
    package init(
        folder: String, policy: Policy, programVersion: String
    ) throws(CenterJournalError) {
        path = "\(folder)/journal"
        filesFolder = "\(folder)/files"
        (ends, end) = AsyncStream<Void>.makeStream()
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw CenterJournalError("cannot make the folder '\(folder)': \(String(cString: strerror(errno)))")
        }
        guard mkdir(filesFolder, 0o700) == 0 || errno == EEXIST else {
            throw CenterJournalError("cannot make the folder '\(filesFolder)': \(String(cString: strerror(errno)))")
        }
        let contents: Journal.Contents
        do throws(JournalError) {
            (journal, contents) = try Journal.open(path: path)
            guard let header = contents.header else {
                try journal.begin(
                    header: JournalHeader(
                        programVersion: programVersion, policy: policy, plan: nil, instance: "center", marker: "",
                        port: 0, scratch: ""
                    ).recorded)
                earlier = nil
                return
            }
            earlier = try Self.replay(header, contents, programVersion, path)
        } catch {
            throw CenterJournalError("\(error)")
        }
    }

    private static func replay(
        _ header: [UInt8], _ contents: Journal.Contents, _ programVersion: String, _ path: String
    ) throws(JournalError) -> Coordinator {
        do {
            let header = try JournalHeader(recorded: header, programVersion: programVersion)
            return try Coordinator(replaying: contents, policy: header.policy)
        } catch JournalHeaderError.otherProgram(let version) {
            throw .failed(
                path: path,
                reason:
                    "release \(version) has written it, and this is \(programVersion); start that one, or delete its folder to forget what was submitted"
            )
        } catch {
            throw .failed(path: path, reason: "\(error); delete its folder to forget what was submitted")
        }
    }

    package func events(logger: Logger) -> EventJournal {
        EventJournal(journal, logger: logger) { [self] error in
            failure.withLock { $0 = "\(error)" }
            end.yield()
        }
    }

    /// Returns why nothing can be stored any more, if that ever is so.
    package func failed() async -> String? {
        for await _ in ends { break }
        return failure.withLock { $0 }
    }

    /// Keeps it for the next start.
    package func close() { journal.close() }

    /// Nothing is to be gone on with.
    package func remove() throws { try journal.remove() }
}

/// A journal that a center can't have.
package struct CenterJournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
