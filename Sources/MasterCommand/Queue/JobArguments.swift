import ArgumentParser
import CommandSupport

/// A command line of `mr-master` for one job or for steps that follow each other: `INPUT... OPTIONS --then OPTIONS ...`.
struct JobArguments {
    /// What each step is told, from the first on.
    private(set) var steps: [MasterOptions]

    static let stepSeparator = "--then"
    static let stepsMax = 100

    /// - Parameter arguments: As ``RawArguments/text(of:)`` makes them of bytes.
    init(_ arguments: [String]) throws {
        let parts = Self.split(arguments)
        guard parts.count <= Self.stepsMax else {
            throw ProgramFailure.wrongUsage("\(parts.count) steps are too many; \(Self.stepsMax) may follow each other")
        }
        steps = try parts.enumerated().map { index, part in
            let bundled = BundledArguments(Array(part))
            var options = try MasterCommand.parse(bundled.parsed).options
            options.inputs = bundled.unbundled(options.inputs)
            if index > 0 { try Self.checkLater(options) }
            return options
        }
        // Whether an application can be run at all depends on what is said once.
        for index in steps.indices.dropFirst() {
            steps[index].workers = steps[0].workers
            steps[index].workerProgram = steps[0].workerProgram
        }
    }

    /// Of a command line that has been read before.
    static func stepCount(_ arguments: [[UInt8]]) -> Int { split(arguments.map(RawArguments.text)).count }

    private static func split(_ arguments: [String]) -> [ArraySlice<String>] {
        // What comes after "--" is no option.
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        var parts: [ArraySlice<String>] = []
        var start = arguments.startIndex
        for index in arguments[..<end].indices where arguments[index] == stepSeparator {
            parts.append(arguments[start..<index])
            start = index + 1
        }
        return parts + [arguments[start...]]
    }

    /// A later step reads what the step before it has made, and where the last one writes is said at the beginning.
    private static func checkLater(_ options: MasterOptions) throws(ProgramFailure) {
        guard options.inputs.isEmpty, options.inputLists.isEmpty else {
            let input = options.inputs.first ?? options.inputLists[0]
            throw .wrongUsage(
                "after --then comes no input such as '\(input)': a later step reads what the step before it has made")
        }
        for (name, isGiven) in [
            ("--output", options.output != JobRequest.outputDefault), ("--merge", options.merge != nil),
            ("--overwrite", options.overwrite), ("--restart", options.restart),
        ] + ownOptions(options) where isGiven {
            throw .wrongUsage("\(name) is said once, before the first --then: it is about all steps together")
        }
    }
}

extension MasterOptions {
    /// What an empty command line means.
    static var usual: MasterOptions {
        do {
            return try MasterOptions.parse([])
        } catch {
            preconditionFailure("nothing need be said: \(error)")
        }
    }
}
