package import Model

/// What a journal begins with: which job it is, if it is one job's, and what a master that goes on with it needs beside the
/// coordinator.
package struct JournalHeader: Hashable, Sendable {
    /// Another program may decide otherwise on the same events.
    package let programVersion: String
    package let policy: Policy
    /// nil for a queue of jobs, and for steps that follow each other: those tell their plans when they are submitted.
    package let plan: JobPlan?
    /// What the master calls itself to workers.
    package let instance: String
    /// What tells workers that they see the output folder; empty where each job has its own.
    package let marker: String
    /// Where the master listened.
    package let port: Int
    /// Absolute path of the master's own folder for map output.
    package let scratch: String

    package init(
        programVersion: String, policy: Policy, plan: JobPlan?, instance: String, marker: String, port: Int,
        scratch: String
    ) {
        self.programVersion = programVersion
        self.policy = policy
        self.plan = plan
        self.instance = instance
        self.marker = marker
        self.port = port
        self.scratch = scratch
    }

    package var recorded: [UInt8] {
        var writer = RecordWriter()
        writer.write(programVersion)
        writer.write(policy)
        writer.write(plan)
        writer.write(instance)
        writer.write(marker)
        writer.write(natural: port)
        writer.write(scratch)
        return writer.bytes
    }

    /// - Parameter programVersion: This program's: a journal of another one is read no further than that.
    package init(recorded: [UInt8], programVersion: String) throws(JournalHeaderError) {
        var reader = RecordReader(recorded)
        do throws(RecordError) {
            self.programVersion = try reader.text()
        } catch {
            throw .unreadable(error)
        }
        guard self.programVersion == programVersion else { throw .otherProgram(version: self.programVersion) }
        do throws(RecordError) {
            policy = try reader.value()
            plan = try reader.optional()
            instance = try reader.text()
            marker = try reader.text()
            port = try reader.natural()
            scratch = try reader.text()
            try reader.expectEnd()
        } catch {
            throw .unreadable(error)
        }
    }
}

package enum JournalHeaderError: Error, Hashable, Sendable {
    case otherProgram(version: String)
    case unreadable(RecordError)
}
