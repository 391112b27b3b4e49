import ApplicationAPI
import Model
import TaskRuntime
import WorkerProtocol

/// What an attempt does where its program fails and the master wants to know on which records.
enum BadRecords {
    /// - Parameters:
    ///   - run: The attempt as any other.
    ///   - resolve: Looks for the records on which the program fails; given the error, how the program ended, and what for.
    static func search(
        for assignment: AssignmentMessage, in application: any Application, run: () throws -> AttemptResult,
        resolve: (_ error: any Error, _ ending: String, BadRecordAim) throws -> AttemptResult
    ) throws -> AttemptResult {
        do {
            return try run()
        } catch {
            guard assignment.searchesBadRecord,
                let ending = (application as? any ProgramRunner)?.programEnding(in: error)
            else { throw error }
            let countMax = assignment.job.skippedRecordsMax
            return try resolve(error, ending, countMax > 0 ? .skip(countMax: countMax) : .name)
        }
    }
}
