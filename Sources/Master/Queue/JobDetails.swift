/// What a master that starts again wants to know of one of several jobs, beside its plan.
package struct JobDetails: Hashable, Sendable {
    /// Absolute path of the folder that receives the job's parts.
    package let output: [UInt8]
    /// What tells workers that they see it.
    package let marker: String
    /// Which step of its command line it is, from 0.
    package let step: Int
    /// Absolute path of the folder that the command line was given in.
    package let folder: [UInt8]
    package let arguments: [[UInt8]]

    package init(output: [UInt8], marker: String, step: Int, folder: [UInt8], arguments: [[UInt8]]) {
        self.output = output
        self.marker = marker
        self.step = step
        self.folder = folder
        self.arguments = arguments
    }

    /// Each of them with a NUL after it, which none of them can hold.
    package var bytes: [UInt8] {
        let fields = [output, Array(marker.utf8), Array("\(step)".utf8), folder] + arguments
        return Array(fields.map { $0 + [0] }.joined())
    }

    /// nil for anything that ``bytes`` would not have given.
    package init?(_ bytes: [UInt8]) {
        var fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        guard fields.count > 4, fields.removeLast().isEmpty, let marker = String(validating: fields[1], as: UTF8.self),
            let text = String(validating: fields[2], as: UTF8.self), let step = Int(text), step >= 0
        else { return nil }
        self.init(
            output: fields[0], marker: marker, step: step, folder: fields[3], arguments: Array(fields.dropFirst(4)))
    }
}
