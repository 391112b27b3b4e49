import XMLRPC

/// A value that a function was given, and where it stands, for what is said when it is of the wrong type.
struct Argument {
    let value: XMLRPCValue
    private let function: String
    private let place: Place

    /// The text is made only when it is shown.
    indirect enum Place {
        case argument(index: Int, name: String)
        case keyword(String)
        case item(Int, of: Place)
        case member(String, of: Place)

        var text: String {
            switch self {
            case .argument(let index, let name): "argument \(index + 1) (\(name))"
            case .keyword(let name): "keyword \(name)"
            case .item(let index, let whole): "item \(index) of \(whole.text)"
            case .member(let name, let whole): "member '\(ShownText.name(name))' of \(whole.text)"
            }
        }
    }

    init(_ value: XMLRPCValue, _ function: String, _ place: Place) {
        self.value = value
        self.function = function
        self.place = place
    }

    /// - Parameter expected: Completes "must be".
    func wrong(_ expected: String) -> FunctionError {
        .argument(function: function, place: place.text, expected: expected, given: ShownText.value(value))
    }

    /// A boolean is 0 or 1, as in Python.
    func number() throws(FunctionError) -> Number {
        guard let number = Number(value) else { throw wrong("a number") }
        return number
    }

    func integer() throws(FunctionError) -> Int64 {
        guard case .integer(let number) = Number(value) else { throw wrong("an integer") }
        return number
    }

    func boolean() throws(FunctionError) -> Bool {
        guard let flag = value.asBool else { throw wrong("a boolean") }
        return flag
    }

    func array() throws(FunctionError) -> [XMLRPCValue] {
        guard let items = value.asArray else { throw wrong("an array") }
        return items
    }

    /// The items of an array.
    func items() throws(FunctionError) -> [Argument] {
        try array().enumerated().map { item($0, $1) }
    }

    /// One of them; where all are looked at, made only for an error.
    func item(_ index: Int, _ value: XMLRPCValue) -> Argument { Argument(value, function, .item(index, of: place)) }

    func structure() throws(FunctionError) -> [String: XMLRPCValue] {
        guard let members = value.asStructure else { throw wrong("a struct") }
        return members
    }

    func member(_ name: String, _ value: XMLRPCValue) -> Argument {
        Argument(value, function, .member(name, of: place))
    }

    func text() throws(FunctionError) -> Text {
        guard let text = Text(value) else { throw wrong("a string or a base64") }
        return text
    }
}
