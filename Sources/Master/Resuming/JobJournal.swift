package import Coordinator
import Journal
package import Model
import Shell

/// The journal in an output folder, and the job that an earlier master left in it.
package final class JobJournal: Sendable {
    let journal: Journal
    /// nil when there is nothing to go on with.
    package let earlier: EarlierJob?
    private let claim: OutputClaim

    /// Opens the journal of the folder, making one if there is none, and reads it.
    package init(in claim: OutputClaim, programVersion: String) throws(ResumeError) {
        self.claim = claim
        let found: Journal.Contents
        do {
            try claim.makeJournalFolder()
        } catch {
            throw .noPlace("\(error)")
        }
        do throws(JournalError) {
            var (journal, contents) = try Journal.open(path: claim.journalPath)
            if contents.header != nil, contents.snapshot == nil, contents.batches.isEmpty {
                // Its master was gone before it had submitted the job.
                try journal.remove()
                (journal, contents) = try Journal.open(path: claim.journalPath)
            }
            self.journal = journal
            found = contents
        } catch {
            throw .journal(error)
        }
        guard let header = found.header else {
            earlier = nil
            return
        }
        do {
            earlier = try EarlierJob(header: header, found, programVersion: programVersion)
        } catch {
            journal.close()
            throw error
        }
    }

    /// Deletes what an earlier master left in the folder, whatever it is.
    package static func forget(in claim: OutputClaim) throws(ResumeError) {
        guard claim.hasJournalFolder else { return }
        do throws(OutputError) {
            try claim.checkJournalFolder()
        } catch {
            throw .noPlace("\(error)")
        }
        do throws(JournalError) {
            try Journal.remove(path: claim.journalPath)
        } catch {
            throw .journal(error)
        }
        claim.removeJournalFolder()
    }

    /// What an earlier master left in a folder.
    package enum Kind: Hashable, Sendable {
        /// One job, or steps that follow each other.
        case job
        case queue
    }

    /// nil where there is nothing to go on with, and where that can't be known.
    package static func kind(in claim: OutputClaim, programVersion: String) -> Kind? {
        // A journal that can't be read does not say what it is, and to forget it is all that can be done with it.
        guard exists(in: claim), let journal = try? JobJournal(in: claim, programVersion: programVersion) else {
            return nil
        }
        defer { journal.close() }
        return journal.earlier.map { $0.isQueue ? .queue : .job }
    }

    /// Names of the parts that the interrupted job in the folder has put there; none when that can't be known.
    package static func ownParts(in claim: OutputClaim, programVersion: String) -> Set<String> {
        // A journal that can't be read does not say whose the parts are, and whoever asks then takes them for somebody's.
        guard exists(in: claim), let journal = try? JobJournal(in: claim, programVersion: programVersion) else {
            return []
        }
        defer { journal.close() }
        return journal.earlier.flatMap { claim.ownParts(of: $0) } ?? []
    }

    /// Deletes what the steps of the interrupted job in the folder have made for each other.
    package static func removeSteps(in claim: OutputClaim, programVersion: String) {
        // A journal that can't be read does not say what they are.
        guard exists(in: claim), let journal = try? JobJournal(in: claim, programVersion: programVersion) else {
            return
        }
        defer { journal.close() }
        if let earlier = journal.earlier { claim.removeStepFolders(of: earlier) }
    }

    /// Whether there is one. What is left of one that was just being deleted when its master died goes.
    package static func exists(in claim: OutputClaim) -> Bool {
        // Most often there is not even a folder. What is none of the user's own is left alone.
        guard claim.hasOwnJournalFolder else { return false }
        if Journal.exists(path: claim.journalPath) { return true }
        // What can't be deleted does no harm.
        try? Journal.remove(path: claim.journalPath)
        claim.removeJournalFolder()
        return false
    }

    /// Absolute, for other processes on this machine.
    package var path: String { claim.absoluteJournalPath }

    /// Where logs of attempts lie that a master which goes on is to find.
    var logPlace: LogPlace { .journal(of: claim) }

    /// Keeps it for the next start.
    package func close() { journal.close() }

    /// The job is over, and nothing is to be resumed.
    package func remove() throws(ResumeError) {
        do throws(JournalError) {
            try journal.remove()
        } catch {
            throw .journal(error)
        }
        claim.removeJournalFolder()
    }
}

/// A job as far as an earlier master had got with it.
package struct EarlierJob: Sendable {
    package let header: JournalHeader
    let coordinator: Coordinator

    package var status: JobStatus? { coordinator.jobToShow.flatMap { coordinator.status(of: $0) } }
    package var parts: PartsStatus { coordinator.jobToShow.map { coordinator.parts(of: $0) } ?? PartsStatus() }
    /// It is one job, and not one of several.
    package var isOneJob: Bool { header.plan != nil }
    package var isQueue: Bool { header.policy.servesQueue }
    package var jobNumberMax: Int { coordinator.jobNumberMax }
    /// All jobs that are known, the oldest first.
    package var jobs: [JobOverview] { coordinator.jobsOverview }

    init(header: [UInt8], _ contents: Journal.Contents, programVersion: String) throws(ResumeError) {
        self.header = try Self.read(header, programVersion: programVersion)
        do throws(RecordError) {
            coordinator = try Coordinator(replaying: contents, policy: self.header.policy)
        } catch {
            throw .unreadable("\(error)")
        }
        if let plan = self.header.plan, coordinator.status(of: plan.id) == nil { throw .unreadable("it knows no job") }
    }

    private static func read(_ header: [UInt8], programVersion: String) throws(ResumeError) -> JournalHeader {
        do throws(JournalHeaderError) {
            return try JournalHeader(recorded: header, programVersion: programVersion)
        } catch {
            switch error {
            case .otherProgram(let version): throw .otherProgram(version: version, own: programVersion)
            case .unreadable(let flaw): throw .unreadable("\(flaw)")
            }
        }
    }

    /// Says in what a new job differs, so that it can't be this one going on; nil when it doesn't.
    package func difference(from plan: JobPlan, name: ([UInt8]) -> String) -> String? {
        guard let own = header.plan else { return "it is one of several jobs (--serve, --then)" }
        return Self.difference(of: own, from: plan, name: name)
    }

    /// The same for a plan that is known from elsewhere.
    package static func difference(of own: JobPlan, from plan: JobPlan, name: ([UInt8]) -> String) -> String? {
        if own.application.name != plan.application.name {
            return "it ran '\(own.application.name)', and this is '\(plan.application.name)'"
        }
        if own.isMapOnly != plan.isMapOnly {
            return own.isMapOnly
                ? "it had no reduce tasks, and this has \(plan.reduceCount)"
                : "it had \(own.reduceCount) reduce tasks, and this has none"
        }
        if own.reduceCount != plan.reduceCount, !plan.isMapOnly {
            return "it had \(own.reduceCount) reduce tasks, and this has \(plan.reduceCount)"
        }
        if own.files.map(\.path) != plan.files.map(\.path) || own.files.map(\.name) != plan.files.map(\.name) {
            return "it read \(own.files.count) files, and this reads other ones (\(plan.files.count))"
        }
        if let changed = zip(own.files, plan.files).first(where: { $0 != $1 }) {
            return "'\(name(changed.1.name))' has changed since it began"
        }
        if own.shipped != plan.shipped {
            return "its --files and --archives were others, or have changed since it began"
        }
        if own.skippedRecordsMax != plan.skippedRecordsMax {
            return "it had --skip-bad-records \(own.skippedRecordsMax), and this has \(plan.skippedRecordsMax)"
        }
        if own.forms != plan.forms { return own.forms.difference(from: plan.forms) }
        if own.splits != plan.splits { return "its input was cut into other splits (--split-size)" }
        // Last, because streaming's say how many tasks there are.
        if own.application != plan.application { return "its '\(own.application.name)' had other options" }
        return nil
    }
}
