/// Whether text is a `dateTime.iso8601` for a day and a time that exist.
///
///     yyyymmdd | yyyy-mm-dd   T   hh:mm:ss   [.digits]   [Z | +hh:mm | -hh:mm]
///
/// The specification's own form has no dashes, fraction or zone; peers send them all the same.
func isDateTime(_ text: [UInt8]) -> Bool {
    var scanner = DateTimeScanner(text: text)
    guard let year = scanner.number(digitCount: 4) else { return false }
    let hasDashes = scanner.accept("-")
    guard let month = scanner.number(digitCount: 2), !hasDashes || scanner.accept("-"),
        let day = scanner.number(digitCount: 2), isDay(day, month: month, year: year),
        scanner.accept("T"),
        let hour = scanner.number(digitCount: 2), hour < 24, scanner.accept(":"),
        let minute = scanner.number(digitCount: 2), minute < 60, scanner.accept(":"),
        let second = scanner.number(digitCount: 2), second < 60
    else { return false }
    if scanner.accept("."), scanner.skipDigits() == 0 { return false }
    return scanner.isAtEnd || (scanner.acceptZone() && scanner.isAtEnd)
}

/// Proleptic Gregorian, as ISO 8601 has it.
private func isDay(_ day: Int, month: Int, year: Int) -> Bool {
    guard (1...12).contains(month) else { return false }
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let dayCounts = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...dayCounts[month - 1]).contains(day)
}

private struct DateTimeScanner {
    let text: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == text.count }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func number(digitCount: Int) -> Int? {
        guard text.count - position >= digitCount else { return nil }
        var number = 0
        for digit in text[position..<(position + digitCount)] {
            guard isDigit(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        position += digitCount
        return number
    }

    mutating func skipDigits() -> Int {
        let start = position
        while position < text.count, isDigit(text[position]) { position += 1 }
        return position - start
    }

    mutating func acceptZone() -> Bool {
        if accept("Z") { return true }
        guard accept("+") || accept("-"), let hours = number(digitCount: 2), hours < 24,
            accept(":"), let minutes = number(digitCount: 2)
        else { return false }
        return minutes < 60
    }
}
