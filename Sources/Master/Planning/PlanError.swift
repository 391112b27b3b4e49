/// Why a job can't be planned: always the user's to mend, and told before any task runs.
package enum PlanError: Error, Hashable, Sendable, CustomStringConvertible {
    case noInputs
    case missing(name: String)
    case unreadable(name: String, reason: String)
    case notAFile(name: String, kind: String)
    case empty(name: String)
    case nothingInFolder(name: String)
    case nothingMatches(pattern: String)
    case standardInput
    case tooManyFiles(count: Int, countMax: Int)
    case insideOutput(name: String, output: String)
    case notSampled(application: String, reason: String)
    case unfit(application: String, reason: String)
    /// What the input has for records is not what was asked for.
    case unfitRecords(reason: String)
    case notWholeRecords(name: String, byteCount: Int64, recordByteCount: Int)
    case tooManySplits(count: Int, countMax: Int)
    case tooManyParts(application: String, count: Int, countMax: Int)

    package var description: String {
        switch self {
        case .noInputs:
            "no input; name files or folders, as in: mr-master input/*.txt"
        case .missing(let name):
            "input '\(name)' does not exist; check the name and the folder that you are in"
        case .unreadable(let name, let reason):
            "input '\(name)' cannot be read: \(reason); change its permissions or leave it out"
        case .notAFile(let name, let kind):
            "input '\(name)' is a \(kind), not a file or folder; save what it holds to a file and name that"
        case .empty(let name):
            "input '\(name)' is empty, and there is no other; name files with something in them"
        case .nothingInFolder(let name):
            "input folder '\(name)' holds no file with anything in it; name the folder that has the files"
        case .nothingMatches(let pattern):
            "no file matches input pattern '\(pattern)'; check it with: ls \(pattern)"
        case .standardInput:
            "input '-' (standard input) is taken from the command line only; a file of that name is './-'"
        case .tooManyFiles(let count, let countMax):
            "\(count) input files are more than \(countMax); pack them into fewer files"
        case .insideOutput(let name, let output):
            "input '\(name)' has a part's name in the output folder '\(output)', and the job would delete it; choose another --output"
        case .notSampled(let application, let reason):
            "application \(application) cannot choose ranges of keys from a sample of the input: \(reason)"
        case .unfit(let application, let reason):
            "application \(application) cannot run on this input: \(reason)"
        case .unfitRecords(let reason): reason
        case .notWholeRecords(let name, let byteCount, let recordByteCount):
            "input '\(name)' has \(byteCount) bytes, which are no whole records of \(recordByteCount) bytes; check --input-format fixed:\(recordByteCount), or whether the file is cut off"
        case .tooManySplits(let count, let countMax):
            "without reduce tasks each of the \(count) map tasks makes a part, and there may be \(countMax); make the splits larger with --split-size, or let them share files with --pack-files"
        case .tooManyParts(let application, let count, let countMax):
            "application \(application) makes \(countMax) part\(countMax == 1 ? "" : "s") at most; leave --reduces \(count) out"
        }
    }
}
