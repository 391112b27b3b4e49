import Access
import CommandSupport

/// What is said of a command line that is wrong may be written to a log.
enum ShownLine {
    /// Without the secrets of join lines that stand somewhere else than after --join.
    static func masked(_ message: String) -> String {
        for argument in RawArguments.current {
            // Whatever is no join line has no secret of one.
            guard let line = try? JoinLine(argument), let place = message.firstRange(of: argument) else { continue }
            RawArguments.hide(line.secret)
            return message.replacingCharacters(of: place, by: "\(line)") + "; a join line comes after --join"
        }
        return message
    }
}

extension String {
    fileprivate func replacingCharacters(of place: Range<String.Index>, by text: String) -> String {
        String(self[..<place.lowerBound]) + text + String(self[place.upperBound...])
    }
}
