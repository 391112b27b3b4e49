import CommandSupport
import XMLRPC

/// Reads the members of what a master answered.
struct AnswerFields {
    private let value: XMLRPCValue

    init(_ value: XMLRPCValue) { self.value = value }

    func has(_ name: String) -> Bool { value[name] != nil }

    func text(_ name: String) throws(ProgramFailure) -> String {
        guard let text = value[name]?.asString else { throw lacks(name) }
        return TerminalText.line(text)
    }

    /// With its line ends.
    func lines(_ name: String) throws(ProgramFailure) -> String {
        guard let text = value[name]?.asString else { throw lacks(name) }
        return TerminalText.lines(text)
    }

    func count(_ name: String) throws(ProgramFailure) -> Int64 {
        guard let count = value[name]?.asWholeNumber, (0...Self.countMax).contains(count) else { throw lacks(name) }
        return count
    }

    /// What a double holds exactly. A master never says more, and sums of these don't overflow.
    private static let countMax: Int64 = 1 << 53

    /// Any whole number of 64 bits.
    func wholeNumber(_ name: String) throws(ProgramFailure) -> Int64 {
        guard let number = value[name]?.asWholeNumber else { throw lacks(name) }
        return number
    }

    func flag(_ name: String) throws(ProgramFailure) -> Bool {
        guard let flag = value[name]?.asBool else { throw lacks(name) }
        return flag
    }

    func number(_ name: String) throws(ProgramFailure) -> Double {
        guard let number = value[name]?.asDouble, (0..<1e12).contains(number) else { throw lacks(name) }
        return number
    }

    func seconds(_ name: String) throws(ProgramFailure) -> Duration {
        guard let seconds = value[name]?.asDouble, (0..<1e12).contains(seconds) else { throw lacks(name) }
        return .seconds(seconds)
    }

    func fields(_ name: String) throws(ProgramFailure) -> AnswerFields {
        guard let member = value[name], member.asStructure != nil else { throw lacks(name) }
        return AnswerFields(member)
    }

    func array(_ name: String) throws(ProgramFailure) -> [XMLRPCValue] {
        guard let items = value[name]?.asArray else { throw lacks(name) }
        return items
    }

    private func lacks(_ name: String) -> ProgramFailure {
        .jobFailed("the master's answer lacks '\(name)': it is of another version; use its own mr-ctl")
    }
}
