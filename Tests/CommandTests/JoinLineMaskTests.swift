import Testing

@testable import CommandSupport

@Suite struct JoinLineMaskTests {
    @Test("Whatever is said of a join line is said without its secret, also where the line is cut or stands twice")
    func masks() {
        let (pin, secret) = (String(repeating: "A", count: 32), String(repeating: "B2", count: 16))
        for (text, shown) in [
            ("no 'mr1.\(pin).\(secret)@h:1' here", "no 'mr1.\(pin).(secret)@h:1' here"),
            ("mr1.\(pin).\(secret.dropLast(20))", "mr1.\(pin).(secret)"),
            ("mr1.ca.\(secret)@h:1", "mr1.ca.(secret)@h:1"),
            ("mr1.\(secret)@h:1", "mr1.(secret)@h:1"), ("mr1.PIN.SECRET@HOST:PORT", "mr1.PIN.SECRET@HOST:PORT"),
            ("mr1.\(pin).\(secret)@h:1 mr1.\(pin).\(secret)@h:2", "mr1.\(pin).(secret)@h:1 mr1.\(pin).(secret)@h:2"),
            ("nothing of the kind", "nothing of the kind"), ("", ""), ("mr1.", "mr1."), ("mr1..", "mr1.."),
        ] {
            #expect(JoinLineMask.masked(text) == shown, "\(text)")
        }
    }
}
